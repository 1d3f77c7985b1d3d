"""Who may sign in, how often they may try, and how sessions end. Imports no other package of the website."""
