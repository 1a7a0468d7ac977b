"""What a HEPData submission must look like, from the description of the format
(https://hepdata-submission.readthedocs.io): keys, their types and lengths. Every function raises AssertionError with
the place of the first fault."""

import numbers


def is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def is_value(value):
    return isinstance(value, str) or is_number(value)


def check_keys(entry, required, optional, where):
    assert isinstance(entry, dict), f"{where}: expected a mapping"
    missing, unknown = set(required) - set(entry), set(entry) - set(required) - set(optional)
    assert not missing, f"{where}: without {missing}"
    assert not unknown, f"{where}: unknown {unknown}"


def check_text(text, longest, where):
    assert isinstance(text, str) and 0 < len(text) <= longest, f"{where}: expected 1 to {longest} characters"


def check_head(document):
    check_keys(document, [], ["comment", "record_ids", "additional_resources"], "submission, first document")


def check_table_entry(document):
    name = document.get("name", "?")
    check_keys(document, ["name", "description", "keywords", "data_file"],
               ["location", "data_license", "additional_resources"], name)
    check_text(document["name"], 64, name)
    check_text(document["description"], 10 ** 6, name)
    for keyword in document["keywords"]:
        check_keys(keyword, ["name", "values"], [], name)
        assert keyword["name"] in ("cmenergies", "observables", "reactions", "phrases"), name
        assert isinstance(keyword["values"], list), name
        for value in keyword["values"]:
            assert is_value(value) and len(str(value)) <= 128, name


def check_error(error, where):
    assert ("symerror" in error) != ("asymerror" in error), f"{where}: expected symerror or asymerror"
    check_keys(error, [], ["symerror", "asymerror", "label"], where)
    if "asymerror" in error:
        check_keys(error["asymerror"], ["minus", "plus"], [], where)
        assert all(is_number(v) for v in error["asymerror"].values()), where
        assert error["asymerror"]["minus"] <= 0 <= error["asymerror"]["plus"], where


def sizes_of(error):
    return list(error["asymerror"].values()) if "asymerror" in error else [error["symerror"]]


def check_variable(variable, optional, where):
    check_keys(variable, ["header", "values"], optional, where)
    check_keys(variable["header"], ["name"], ["units"], where)
    for qualifier in variable.get("qualifiers", []):
        check_keys(qualifier, ["name", "value"], ["units"], where)
        assert is_value(qualifier["value"]), where


def check_data(table, where):
    """A data file; all its variables must have one value per row."""
    check_keys(table, ["independent_variables", "dependent_variables"], [], where)
    for variable in table["independent_variables"]:
        check_variable(variable, [], where)
        for entry in variable["values"]:
            assert "value" in entry and is_value(entry["value"]), where
            check_keys(entry, [], ["value", "low", "high"], where)
    for variable in table["dependent_variables"]:
        check_variable(variable, ["qualifiers"], where)
        for entry in variable["values"]:
            check_keys(entry, ["value"], ["errors"], where)
            assert is_number(entry["value"]) or entry["value"] == "-", f"{where}: {entry['value']!r}"
            for error in entry.get("errors", []):
                check_error(error, where)
            if "errors" in entry:
                assert any(any(sizes_of(e)) for e in entry["errors"]), f"{where}: errors that are all zero"
    sizes = {len(v["values"]) for v in table["independent_variables"] + table["dependent_variables"]}
    assert len(sizes) == 1, f"{where}: columns of {sizes} rows"
