"""The portal in a real browser: every page in its states, and the walks of the people who use it.

``running`` starts all of it as ``make run`` does, ``world`` fills it with states to show, ``pages``
lists what to look at, ``checks`` say what is wrong with a page, and ``walks`` do people's work.
"""
