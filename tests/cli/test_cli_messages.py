"""Every fault ends in its exit status and one line that names what, expected, got and where; nothing is left behind."""

import os
import socket
import subprocess
import unittest

from zpscan_program import PROGRAM, QUICK, ProgramTest

EMISSION = ("--mass-gev", "0.1", "--energy-gev", "160", "--material", "Pb")


class Messages(ProgramTest):
    def test_written_in_one_piece(self):
        """Every write to a socket of datagrams arrives by itself: several ranks cannot mix their lines."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with ours, theirs:
            done = subprocess.run([PROGRAM, "run", "not\nthere.yaml", "-o", "r.h5"], stderr=theirs, cwd=self.folder)
            self.assertEqual(done.returncode, 1)
            ours.setblocking(False)
            self.assertEqual(ours.recv(4096).decode(), "zpscan run: not?there.yaml: No such file or directory: expected a "
                                                       "job file\n")
            self.assertRaises(BlockingIOError, ours.recv, 4096)

    def refuses(self, status, words, *arguments, env=None):
        before = self.names()
        got, out, err = self.run_program(*arguments, env=env)
        told = f"{arguments}: status {got}, stdout {out!r}, stderr {err!r}"
        self.assertEqual(got, status, told)
        self.assertEqual(out, "", told)
        self.assertEqual(err.count("\n"), 1, told)
        self.assertTrue(err.startswith("zpscan"), told)
        for word in words:
            self.assertIn(word, err, told)
        self.assertEqual(self.names(), before, told)

    def refuses_job(self, words, old, new):
        """A job with one fault is refused by check and run, with its file and line."""
        name = self.job((old, new))
        place = f"{name}:{self.line_of(new.splitlines()[0])}:"
        for command in ("check", "run"):
            self.refuses(1, [f"zpscan {command}: {place}", *words], command, name)

    def test_usage(self):
        for words, arguments in [
            (["expected a command", "--help"], []),
            (["rnu: unknown command; nearest: run"], ["rnu"]),
            (["frobnicate: unknown command; see zpscan --help"], ["frobnicate"]),
            (["--verison: unknown command; see"], ["--verison"]),
            (["expected JOB.yaml"], ["run"]),
            (["b.yaml: one argument too many"], ["run", "a.yaml", "b.yaml"]),
            (["--evnts: unknown option; nearest: --events"], ["run", QUICK, "--evnts", "3"]),
            (["--frobnicate: unknown option; see zpscan run --help"], ["run", QUICK, "--frobnicate"]),
            (["--se: stands for several options"], ["run", QUICK, "--se", "3"]),
            (["--events: needs a value"], ["run", QUICK, "--events"]),
            (["--force: takes no value"], ["run", QUICK, "--force=1"]),
            (["-x: unknown option"], ["run", QUICK, "-x"]),
            (["--events = 1e5", "whole number from 1 to"], ["run", QUICK, "--events", "1e5"]),
            (["--events = 0", "whole number"], ["run", QUICK, "--events", "0"]),
            (["--events = 1,5", "whole number"], ["run", QUICK, "--events", "1,5"]),
            (["--seed = -1", "whole number"], ["run", QUICK, "--seed", "-1"]),
            (["--threads = two", "whole number"], ["run", QUICK, "--threads", "two"]),
            (["--masses = 3", "A:B"], ["run", QUICK, "--masses", "3"]),
            (["--masses = 3:3", "A < B"], ["run", QUICK, "--masses", "3:3"]),
            (["--masses 3:9", "6"], ["run", QUICK, "--masses", "3:9"]),
            (["--engine nvidia", "auto, cpu, cuda or check"], ["run", QUICK, "--engine", "nvidia"]),
            (["--output"], ["run", QUICK, "-o", ""]),
            (["--set beam.p_gevv=3", "nearest known key: p_gev"], ["run", QUICK, "--set", "beam.p_gevv=3"]),
            (["--set beam.p_gev=-3", ">= 1"], ["check", QUICK, "--set", "beam.p_gev=-3"]),
            (["--set"], ["check", QUICK, "--set", "beam"]),
            (["--mass-gev: must be given"], ["xsec", "--energy-gev", "160", "--material", "Pb"]),
            (["--mass-gev = nan", "number"], ["xsec", "--mass-gev", "nan"]),
            (["--mass-gev = 0x10", "number"], ["xsec", "--mass-gev", "0x10"]),
            (["--mass-gev = 1,5", "number"], ["xsec", "--mass-gev", "1,5"]),
            (["--mass-gev = 0:", ">= 1e-06"], ["xsec", "--mass-gev", "0"]),
            (["--mass-gev = 9e-7:", ">= 1e-06"], ["xsec", *EMISSION, "--mass-gev", "9e-7"]),
            (["--mass-gev = 1e-200:", ">= 1e-06"],
             ["sample", *EMISSION, "--mass-gev", "1e-200", "--events", "3", "-o", "s.csv"]),
            (["--energy-gev = 0.5", ">= 1"], ["xsec", "--energy-gev", "0.5"]),
            (["--energy-gev = 2000", "<= 1000"], ["xsec", "--energy-gev", "2000"]),
            (["--material = pb", "Pb"], ["xsec", *EMISSION, "--material", "pb"]),
            (["--material = air", "chemical element"], ["xsec", *EMISSION, "--material", "air"]),
            (["--model = exact", "etl, ww, iww"], ["xsec", *EMISSION, "--model", "exact"]),
            (["--coupling = 0", "> 0"], ["xsec", *EMISSION, "--coupling", "0"]),
            (["--mass-gev = 122", "< 121.5", "kinematic limit of 160 GeV muons on Pb"],
             ["xsec", *EMISSION, "--mass-gev", "122"]),
            (["--events: must be given"], ["sample", *EMISSION, "-o", "s.csv"]),
            (["--output: must be given"], ["sample", *EMISSION, "--events", "3"]),
            (["--output = x.root: expected a name that ends in .csv, .h5 or .hepmc, or --format"],
             ["sample", *EMISSION, "--events", "3", "-o", "x.root"]),
            (["--output = csv: expected"], ["sample", *EMISSION, "--events", "3", "-o", "csv"]),
            (["only csv"], ["sample", *EMISSION, "--events", "3", "--format", "h5", "-o", "-"]),
            (["--mass-gev = 0.21", "nearest", "0.2"],
             ["events", QUICK, "--mass-gev", "0.21", "--events", "3", "-o", "e.h5"]),
            (["--p-gev: must be given"], ["track", QUICK]),
            (["--p-gev = 0.1", ">= 0.2"], ["track", QUICK, "--p-gev", "0.1"]),
            (["--material = pb", "nearest: Pb"], ["info", "--material", "pb"]),
            (["ZPS_FLUSH_S = soon"], ["run", QUICK]),
        ]:
            with self.subTest(arguments=arguments):
                env = {"ZPS_FLUSH_S": "soon"} if "ZPS_FLUSH_S" in words[0] else None
                self.refuses(2, words, *arguments, env=env)

    def test_bad_job_files(self):
        (self.folder / "folder.yaml").mkdir()
        for command in ("check", "run"):
            self.refuses(1, ["missing.yaml: No such file"], command, "missing.yaml")
            self.refuses(1, ["folder.yaml: is a directory"], command, "folder.yaml")
        (self.folder / "folder.yaml").rmdir()
        self.refuses_job(["unknown key 'mas_gev'", "nearest known key: mass_gev"], "mass_gev:", "mas_gev:")
        self.refuses_job(["thickness_mm = -1.5", "> 0"], "thickness_mm: 1.5}", "thickness_mm: -1.5}")
        self.refuses_job(["p_gev = nan"], "p_gev: 160 ", "p_gev: nan ")
        self.refuses_job(["p_gev = 1,5"], "p_gev: 160 ", "p_gev: 1,5 ")
        self.refuses_job(["scan.mass_gev", "kinematic limit"], "0.5, 1]", "0.5, 150]")
        self.refuses_job(["VETO", "overlaps ECAL"], "start_mm: 50\n", "start_mm: -50\n")
        self.refuses_job(["smu152", "'S5' is no plane"], "{plane: S4,", "{plane: S5,")

    def test_check_refuses_what_run_refuses(self):
        """All that a run says before its first event, check says too, in the same words."""
        (self.folder / "beam.txt").write_text("0 0 0 0 100\n")
        for words, *settings in [
            (["nofile.h5: cannot read the field map: No such file"], "layout.MS2.map=nofile.h5"),
            (["nofile.txt: No such file or directory: expected beam particles"], "beam.file=nofile.txt"),
            (["beam.txt: mean momentum 100 GeV, expected within 2 %"], "beam.file=beam.txt"),
            (["process.x_min = 0.99: must be <= 0.02466 (auto)"], "process.x_min=0.99"),
            (["dipole enge: the field must fall to zero outside"], "layout.MS2.enge=[100,-100,-100,-100,-100,-100]"),
            (["emission: mass 100 GeV with x > 0.986", "is out of reach of a 160 GeV muon"], "matter.loss=mean",
             "selection.p_out_max_gev=0.01", "scan.mass_gev=[100, 110]"),
            (["events_per_mass = 17592186044416: must be <= 17592185913344 with process.pilot"], "process.pilot={}",
             "events_per_mass=17592186044416"),
        ]:
            options = [word for setting in settings for word in ("--set", setting)]
            for command in (["check"], ["check", "--print"], ["run"]):
                self.refuses(1, words, *command, QUICK, *options)

    def test_momentum_outside_the_window(self):
        """Nearly every muon is then outside the window: check, run and optimize warn, and go on."""
        words = ("/quick.yaml: warning: beam.p_gev = 100: outside the window selection.p_in_min_gev = 140 to p_in_max_gev = "
                 "180: hardly a muon is counted\n")
        outside = (QUICK, "--set", "beam.p_gev=100")
        few = ("--events", "100", "--quiet", "-o")
        for command in (["check", *outside], ["run", *outside, *few, "r.h5"],
                        ["optimize", *outside, *few, "o", "--beam-events", "0", "--at", "-65,-152"]):
            status, _, err = self.run_program(*command)
            self.assertEqual((status, err.count("\n")), (0, 1), err)
            self.assertTrue(err.startswith(f"zpscan {command[0]}: ") and err.endswith(words), err)
        self.assertEqual(self.run_program("check", QUICK)[2], "")

    def test_job_file_name_cannot_make_a_second_line(self):
        self.refuses(1, ["?"], "check", "a\nzpscan: ok.yaml")

    def test_outputs_in_the_way(self):
        (self.folder / "here.h5").write_text("old")
        (self.folder / "folder").mkdir()
        self.refuses(1, ["here.h5: exists", "--force", "--extend"], "run", QUICK, "-o", "here.h5")
        self.refuses(1, ["folder: is a folder"], "run", QUICK, "-o", "folder")
        self.refuses(1, ["here.h5/x.h5", "Not a directory"], "run", QUICK, "-o", "here.h5/x.h5")
        self.refuses(1, ["none/x.h5: cannot write: folder none: No such file"], "run", QUICK, "-o", "none/x.h5")
        self.refuses(1, ["/proc/x.h5"], "run", QUICK, "-o", "/proc/x.h5")
        own = ["here.h5: exists; give --force to replace it\n"]
        self.refuses(1, own, "sample", *EMISSION, "--events", "3", "-o", "here.h5")
        self.refuses(1, own, "events", QUICK, "--mass-gev", "0.2", "--events", "3", "-o", "here.h5")
        self.refuses(1, ["x.h5: no result here to extend"], "run", QUICK, "--extend", "-o", "x.h5")
        self.refuses(1, ["here.h5"], "run", QUICK, "--extend", "-o", "here.h5")
        self.refuses(1, ["here.h5"], "run", QUICK, "--resume", "-o", "here.h5")
        self.assertEqual((self.folder / "here.h5").read_text(), "old")

    def test_outputs_that_are_inputs(self):
        """Before any work, and whatever --force says: a file that a run reads is not written, however it is spelt."""
        (self.folder / "beam.txt").write_text("0 0 0 0 160\n")
        self.ok("field", "make", "dipole", "--integral-tm", "4.8", "-o", "map.h5")
        self.job(("p_gev: 160 ", "file: beam.txt\n  p_gev: 160 "))
        os.link(self.folder / "job.yaml", self.folder / "hard.yaml")
        (self.folder / "soft.yaml").symlink_to("job.yaml")
        kept = {name: (self.folder / name).read_bytes() for name in self.names()}
        events = ("events", "job.yaml", "--mass-gev", "0.2", "--events", "3")
        for name, what in [("job.yaml", "job file"), ("./job.yaml", "job file"), ("hard.yaml", "job file"),
                           ("soft.yaml", "job file"), ("beam.txt", "job's beam file")]:
            for option in ("-o", "--json-log"):
                shown = "--output" if option == "-o" else option
                words = [f"{shown} {name}: is the {what} itself"]
                for force in ([], ["--force"], ["--resume"]):
                    self.refuses(2, words, "run", "job.yaml", option, name, *force)
            self.refuses(2, [f"--output {name}: is the {what} itself"], *events, "--force", "-o", name)
        with_map = ("--set", "layout.MS2.map=map.h5", "--force", "-o")
        words = ["--output map.h5: is the job's field map itself"]
        self.refuses(2, words, "run", "job.yaml", *with_map, "map.h5")
        self.refuses(2, words, "optimize", "job.yaml", *with_map, "map")
        for pair in [("a.h5", "a.h5"), ("a.h5", "./a.h5"), ("map.h5", self.folder / "map.h5")]:
            self.refuses(2, [f"--json-log {pair[0]}: is the result file as well"], "run", "job.yaml", "--force",
                         "--json-log", pair[0], "-o", pair[1])
        self.refuses(2, ["--json-log a.h5.journal.0: is the run's journal as well"], "run", "job.yaml", "-o", "a.h5",
                     "--json-log", "a.h5.journal.0")
        self.refuses(2, ["--overlay ./exclusion.csv: would be replaced"], "plot", "map.h5", "--overlay", "./exclusion.csv")
        self.refuses(2, ["map.h5: is the map that is read"], "field", "convert", "map.h5", "./map.h5", "--force")
        self.refuses(2, ["--output map.h5: is one of the parts"], "merge", "map.h5", "--force", "-o", "map.h5")
        self.assertEqual({name: (self.folder / name).read_bytes() for name in self.names()}, kept)

    def test_bad_results(self):
        (self.folder / "text.h5").write_text("no result")
        for command in ("info", "plot"):
            self.refuses(1, ["none.h5"], command, "none.h5")
            self.refuses(1, ["text.h5"], command, "text.h5")
        self.ok("sample", *EMISSION, "--events", "3", "-o", "events.h5")
        for command in ("info", "plot"):
            self.refuses(1, ["events.h5: is no result of zpscan run"], command, "events.h5")

    def test_json_log_that_cannot_be_written(self):
        self.refuses(1, ["--json-log none/log: cannot write"], "run", QUICK, "--events", "10", "--json-log", "none/log")

    def test_json_log_in_the_way(self):
        (self.folder / "log").write_text("old\n")
        self.refuses(1, ["--json-log log: exists; give --force to replace it"], "run", QUICK, "--events", "10",
                     "--json-log", "log")
        self.assertEqual((self.folder / "log").read_text(), "old\n")
        run = ("run", QUICK, "--quiet", "-o", "r.h5", "--json-log", "log")
        self.ok(*run, "--events", "10", "--force")
        first = (self.folder / "log").read_text()
        self.assertNotIn("old", first)
        self.assertEqual(first.count('"done"'), 1)
        self.ok(*run, "--events", "20", "--extend")
        self.ok("run", QUICK, "--quiet", "-o", "s.h5", "--events", "10", "--resume", "--json-log", "log")
        log = (self.folder / "log").read_text()
        self.assertTrue(log.startswith(first))
        self.assertEqual(log.count('"done"'), 3)

    def test_lost_log_costs_no_result(self):
        """A log that runs full is a failure; the events are in the result all the same, and no journal is left."""
        got, _, err = self.run_program("run", QUICK, "--events", "10", "--json-log", "/dev/full", "-o", "r.h5", "--quiet")
        self.assertEqual(got, 1, err)
        self.assertIn("/dev/full", err)
        self.assertEqual(self.names(), ["r.h5"])
        self.assertEqual(self.json("info", "r.h5")["masses"][0]["events"], 10)

    def test_help_lists_every_command(self):
        help_text = self.ok("--help")
        for command in ("run", "check", "xsec", "sample", "events", "track", "field", "info", "plot", "limit", "optimize",
                        "bench"):
            self.assertIn(f"  {command} ", help_text)

    def test_help_tells_units_and_an_example(self):
        for word in ("-h", "-?", "help"):
            self.assertEqual(self.ok(word), self.ok("--help"))
        for command in ("run", "check", "xsec", "sample", "events", "track", "info", "plot", "limit", "optimize", "bench"):
            out = self.ok(command, "--help")
            self.assertEqual(self.ok(command, "-h"), out)
            for word in (f"Usage: zpscan {command}", "Units", f"Example: zpscan {command}"):
                self.assertIn(word, out)
            self.assertEqual(self.ok(command, "--version"), self.ok("--version"))

    def test_lost_output_is_a_failure(self):
        """A full or closed stdout or stderr loses what was to be told: exit status 1, whatever was computed."""
        xsec = [str(PROGRAM), "xsec", *EMISSION]
        with open("/dev/full", "w") as full:
            done = subprocess.run(xsec, stdout=full, stderr=subprocess.PIPE, text=True, cwd=self.folder)
            self.assertEqual((done.returncode, done.stderr), (1, "zpscan xsec: stdout: cannot write all results\n"))
            run = [str(PROGRAM), "run", str(QUICK), "--events", "10", "-o", "full.h5"]
            done = subprocess.run(run, stdout=subprocess.DEVNULL, stderr=full, cwd=self.folder)
            self.assertEqual(done.returncode, 1)
        closed = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *xsec], cwd=self.folder, stderr=subprocess.PIPE)
        self.assertEqual(closed.returncode, 1)
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(xsec, stdout=writer, stderr=subprocess.DEVNULL, cwd=self.folder)
        os.close(writer)
        self.assertEqual(done.returncode, 1)

    def test_closed_stdout_does_not_end_up_in_the_result(self):
        run = [str(PROGRAM), "run", str(QUICK), "--events", "10", "-o", "r.h5"]
        closed = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *run], cwd=self.folder, stderr=subprocess.DEVNULL)
        self.assertEqual(closed.returncode, 1)
        self.assertEqual(self.json("info", "r.h5")["masses"][0]["events"], 10)


if __name__ == "__main__":
    unittest.main()
