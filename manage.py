#!/usr/bin/env python
import sys

from django.core.management import execute_from_command_line

from dashboard.start import load_settings

if __name__ == "__main__":
    load_settings()
    execute_from_command_line(sys.argv)
