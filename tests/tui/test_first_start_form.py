"""The model of the first form: what was tested of what stands in the fields, and what may be written."""

from __future__ import annotations

from dataclasses import replace

from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import LoginRefused, SettingsError, WbtuiError
from wbtui.tui.dialogs.first_start_form import (
    WELCOME,
    FormInput,
    SectionInput,
    SetupForm,
    StoreFailure,
    not_stored,
)
from wbtui.tui.toolkit.lines import Role

URL = "https://acme.example"


class Fields:
    """What stands in the fields; only the Translator is filled in at first."""

    def __init__(self) -> None:
        empty = SectionInput({"url": ""}, Secret(""))
        self.input = FormInput("main", dict.fromkeys(Account, empty))
        self.type(Account.TRANSLATOR, URL)
        self.form = SetupForm(lambda: self.input)

    def type(self, account: Account, url: str, secret: str = "right") -> None:
        section = SectionInput({"url": url}, Secret(secret))
        self.input = replace(self.input, sections={**self.input.sections, account: section})

    def test(self, account: Account, error: WbtuiError | None = None) -> None:
        begun = self.form.begin(account)
        assert begun is not None
        self.form.end(replace(begun, words="" if error else "logged in", error=error))


def test_what_works_may_be_written() -> None:
    fields = Fields()
    form = fields.form
    assert (form.complete, form.works, form.foot.text) == (False, False, WELCOME)
    assert form.begin(Account.BEEBOX) is None, "what is left empty is not tested"
    fields.test(Account.TRANSLATOR)
    assert (form.complete, form.works, form.objection()) == (True, True, None)
    assert [each.draft.account for each in form.written] == [Account.TRANSLATOR]


def test_what_is_typed_afterwards_was_not_tested() -> None:
    fields = Fields()
    fields.test(Account.TRANSLATOR)
    fields.type(Account.TRANSLATOR, URL, "other")
    assert not fields.form.works
    assert fields.form.drop_outdated() == [Account.TRANSLATOR]
    assert not fields.form.tests
    fields.test(Account.TRANSLATOR)
    fields.type(Account.INSTANT, URL)
    objection = fields.form.objection()
    assert objection is not None
    assert objection.text.startswith("Something else was typed meanwhile")


def test_a_refused_secret_is_offered_and_a_wrong_address_is_not() -> None:
    fields = Fields()
    fields.test(Account.TRANSLATOR, LoginRefused("Wrong key."))
    objection = fields.form.objection()
    assert objection is not None
    assert (objection.role, objection.text.endswith("ctrl+g writes it all the same.")) == (Role.BAD, True)
    assert fields.form.offered == fields.form.contents
    assert not fields.form.written[0].storable
    fields.form.offered = ()
    fields.test(Account.TRANSLATOR, SettingsError("url is empty"))
    assert fields.form.objection() is None
    assert (fields.form.offered, fields.form.works) == ((), False)


def test_of_two_faults_the_one_that_cannot_be_written_is_told() -> None:
    fields = Fields()
    fields.type(Account.BEEBOX, URL)
    fields.test(Account.TRANSLATOR, SettingsError("url is empty"))
    fields.test(Account.BEEBOX, LoginRefused("Wrong password."))
    assert "url is empty" in fields.form.foot.text


def test_an_empty_form_is_told_what_to_do() -> None:
    fields = Fields()
    fields.type(Account.TRANSLATOR, " ")
    objection = fields.form.objection()
    assert fields.form.empty
    assert objection is not None
    assert objection.text.startswith("Fill in one service at least")


def test_a_reason_is_told_once_and_each_variable() -> None:
    said = not_stored([StoreFailure("no keyring", "WBTUI_A"), StoreFailure("no keyring", "WBTUI_B")])
    assert "not stored: no keyring. Secrets" in said.text
    assert "set WBTUI_A, WBTUI_B, or secret_command" in said.text
