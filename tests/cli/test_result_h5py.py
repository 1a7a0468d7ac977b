"""A result file as a newcomer with h5py meets it: every dataset says what it is.

usage: test_result_h5py.py WRITER FILE.h5    (WRITER makes the file; "-" when it is there already)
"""

import subprocess
import sys

import h5py
import numpy as np

N_STAGE, N_FATE, N_BIN = 7, 10, 120
QUANTITIES = ("p_out", "e_cal", "psi", "x_s4", "x_smu")
STAGES = ("generated", "in_s4", "in_coincidence", "accepted")


def check_dataset(path, dataset):
    for name in ("units", "description"):
        assert name in dataset.attrs, f"{path}: no {name}"
    assert len(dataset.attrs["description"]) > 5, f"{path}: description says nothing"
    assert len(dataset.attrs["units"]) > 0, f"{path}: empty units"
    if h5py.h5ds.is_scale(dataset.id):
        return
    for i, dim in enumerate(dataset.dims):
        assert len(dim) == 1, f"{path}: dimension {i} has {len(dim)} scales"
        assert dim[0].shape == (dataset.shape[i],), f"{path}: scale of dimension {i} has shape {dim[0].shape}"


def texts(dataset):
    return [value.decode() for value in dataset[()]]


def check_layout(file):
    n_m, n_g = file["grid/mass"].size, file["grid/coupling"].size
    assert file["grid/mass"].attrs["units"] in (b"GeV", "GeV")
    triggers = texts(file["grid/trigger"])
    assert sorted(triggers) == sorted(file["trigger"])
    stages = texts(file["grid/stage"])
    for name in triggers:
        group = file["trigger"][name]
        assert group["cutflow"].shape == (n_m, N_STAGE) and group["cutflow"].dtype == np.uint64
        for stage in STAGES:
            column = stages.index(stage)
            assert group[stage].dtype == np.uint64
            assert np.array_equal(group[stage][()], group["cutflow"][:, column])
            assert np.array_equal(group[stage + "_k2"][()], group["cutflow_k2"][:, column])
        assert file["yield"][name].shape == (n_m, n_g)
    assert file["fate"].shape == (n_m, N_FATE) and len(texts(file["grid/fate"])) == N_FATE
    for stage in STAGES:
        for quantity in QUANTITIES:
            histogram = file["histogram"][stage][quantity]
            assert histogram.shape == (n_m, N_BIN) and histogram.dtype == np.uint64
            assert histogram.compression == "gzip" and histogram.shuffle
    for quantity in QUANTITIES:
        edges = file["histogram/edges"][quantity][()]
        centres = file["histogram/centres"][quantity][()]
        assert edges.shape == (N_BIN + 1,) and (edges[:-1] < centres).all() and (centres < edges[1:]).all()
    job = file["job"][()].decode()
    assert "seed" in job
    for name in ("version", "tally_hash", "job_hash", "compiler", "flags", "seed", "physics_version", "wall_s"):
        assert name in file["run"].attrs, f"/run: no {name}"


def check_arithmetic(file):
    """The derived numbers follow from the raw ones by the formulas in their descriptions (rounding: 1e-13)."""
    sigma = file["cross_section/sigma_pb"][()]
    vertex = file["cross_section/vertex_factor"][()]
    first = file["trigger"][texts(file["grid/trigger"])[0]]
    np.testing.assert_allclose(vertex, first["generated"][()] / file["run/events"][()], rtol=1e-15)
    per_muon = file["cross_section/nuclei_per_pb"][()] * np.outer(sigma * vertex, file["grid/coupling"][()] ** 2)
    total = 0.0
    for name in texts(file["grid/trigger"]):
        group = file["trigger"][name]
        factor = group["live_factor"][()] * group["tracking_factor"][()] * group["x_fraction"][()]
        efficiency = factor * group["accepted"][()] / group["generated"][()]
        np.testing.assert_allclose(group["efficiency"][()], efficiency, rtol=1e-13)
        assert (group["efficiency_lo"][()] < efficiency).all() and (efficiency < group["efficiency_hi"][()]).all()
        share = group["accepted"][()] / group["generated"][()]
        known = share * group["generated"][()].astype(float) ** 2 / group["generated_k2"][()]
        np.testing.assert_allclose(group["relative_error"][()], np.sqrt((1 - share) / known) + 0.5 / known, rtol=1e-13)
        events = group["n_mot"][()] * per_muon * efficiency[:, None] * file["branching/invisible"][()]
        np.testing.assert_allclose(file["yield"][name][()], events, rtol=1e-13)
        total = total + events
    np.testing.assert_allclose(file["yield/total"][()], total, rtol=1e-13)
    assert file["run/range/n"][()].sum() == file["run/events"][()].sum()


def main():
    writer, path = sys.argv[1:]
    if writer != "-":
        subprocess.run([writer, path], check=True)
    with h5py.File(path, "r") as file:
        found = []

        def visit(name, item):
            if isinstance(item, h5py.Dataset):
                found.append(name)
                check_dataset("/" + name, item)
            else:
                assert "description" in item.attrs, f"/{name}: no description"

        file.visititems(visit)
        assert len(found) > 70, found
        check_layout(file)
        check_arithmetic(file)
    print(f"{len(found)} datasets: units, descriptions and scales in place")


main()
