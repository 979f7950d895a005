"""The screen: draws the newest snapshot, and passes on what the user wishes.

`WbtuiApp` in `app` is the whole of its interface. Pure modules (lines, rows, tabs, chrome, layout, actions)
decide what is shown; the widgets only paint it.
"""
