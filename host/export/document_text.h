/* Documents of jansson values as text: YAML for people, and JSON as Python writes it, for digests. */
#ifndef ZPS_EXPORT_DOCUMENT_TEXT_H
#define ZPS_EXPORT_DOCUMENT_TEXT_H

#include <jansson.h>
#include <stdio.h>

/** Writes an object as block YAML, keys in the order they were set; objects of plain values inside lists in one line.
 *  Texts are always quoted; every number has the form that YAML 1.1 takes for one (1.0e-05, not 1e-05). Keys are
 *  written as they are: letters, digits and underscores. */
void zps_document_put_yaml(FILE *out, json_t *object);

/** Writes a value as Python's json.dumps(value, sort_keys=True, ensure_ascii=False) does: the text pyhf takes digests
 *  of (pyhf.utils.digest). Control characters in texts other than tab and newline are not supported. */
void zps_document_put_sorted(FILE *out, json_t *value);

#endif
