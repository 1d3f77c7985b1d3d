"""`python -m logsync.simulator`: serves a space until it is interrupted."""

from argparse import ArgumentParser

from logsync.simulator.command import add_arguments, run

parser = ArgumentParser(prog="python -m logsync.simulator", description="A SignalWire space on loopback.")
add_arguments(parser)
run(parser.parse_args())
