"""Run the development site: ``python3 -m dev.site make|up|desk|run|stop|kill|clean|env``."""

import argparse
import shutil

from dev.site import desk, services, site
from dev.site.layout import OWN, current
from dev.site.steps import StepFailed, finish, say


def main() -> int:
	parser = argparse.ArgumentParser(prog="python3 -m dev.site", description="The development site")
	verbs = parser.add_subparsers(dest="verb", required=True)
	verbs.add_parser("make", help="build the site, or what is missing of it")
	verbs.add_parser("up", help="start MariaDB and Redis")
	verbs.add_parser("desk", help="serve the Desk on loopback until interrupted")
	verbs.add_parser("stop", help="stop everything that was started here")
	verbs.add_parser("kill", help="end all that at once, of a copy that is deleted next")
	verbs.add_parser("clean", help="stop everything and delete the site")
	verbs.add_parser("env", help="print shell variables of the bench")
	runner = verbs.add_parser("run", help="run a command inside the site's folder")
	runner.add_argument("command", nargs=argparse.REMAINDER)
	verbs.add_parser("make-site", help="build only the site, of a bench that has everything else")
	arguments = parser.parse_args()
	return VERBS[arguments.verb](arguments) or 0


def make(_arguments) -> None:
	site.make(current())


def up(_arguments=None) -> None:
	bench = current()
	if bench.owned:
		if not bench.site_config.exists():
			raise StepFailed("there is no site yet: run `make site` first")
		with site.exclusive():
			services.up()


def serve(_arguments) -> None:
	up()
	desk.serve(current())


def run(arguments) -> int:
	command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
	if not command:
		raise StepFailed("nothing to run: python3 -m dev.site run -- COMMAND")
	up()
	return services.run_inside(current(), command)


def make_site(_arguments) -> None:
	site.make_site(current())


def stop(_arguments=None) -> None:
	stopped = services.down()
	say(f"Stopped: {', '.join(stopped) or 'nothing was running'}")


def kill(_arguments) -> None:
	services.down(at_once=True)


def clean(_arguments) -> None:
	stop()
	shutil.rmtree(OWN, ignore_errors=True)


def env(_arguments) -> None:
	variables = current().variables()
	for name in ("BENCH", "SITES_PATH", "SITE", "PYTHONPATH", "PATH"):
		print(f"export {name}='{variables[name]}'")


VERBS = {
	"make": make,
	"up": up,
	"desk": serve,
	"run": run,
	"make-site": make_site,
	"stop": stop,
	"kill": kill,
	"clean": clean,
	"env": env,
}

if __name__ == "__main__":
	finish(main)
