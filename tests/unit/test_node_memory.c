/* The law: what one process wrote all processes of the node read, and none can change. */
#include "host/run/node_memory.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/zps_test.h"

#define SIZE ((size_t)100000)
#define PIECE ((size_t)1000)

static const char *text_of(char *text, size_t size) {
  memset(text, 'z', size);
  return text;
}

static zps_status write_all(void *context, zps_node_memory *memory, zps_error *error) {
  char piece[PIECE];
  const size_t size = *(const size_t *)context;
  zps_status status = ZPS_OK;
  for (size_t at = 0; at < size && status == ZPS_OK; at += PIECE) {
    status = zps_node_memory_append(memory, text_of(piece, PIECE), PIECE, error);
  }
  return status;
}

static zps_node_memory make(void) {
  size_t size = SIZE;
  zps_node_memory memory;
  zps_error error = {ZPS_OK, ""};
  if (zps_node_memory_create(SIZE, write_all, &size, &memory, &error) != ZPS_OK) {
    fail_msg("%s", error.text);
  }
  return memory;
}

static int read_in_child(const zps_node_address *address) {
  zps_node_memory memory;
  size_t n_right = 0;
  if (zps_node_memory_open(address, &memory, NULL) != ZPS_OK) {
    return 1;
  }
  for (size_t i = 0; i < memory.size; i++) {
    n_right += ((const char *)memory.bytes)[i] == 'z' ? 1 : 0;
  }
  zps_node_memory_close(&memory);
  return n_right == SIZE ? 0 : 2;
}

static void test_another_process_reads_it(void **unused) {
  (void)unused;
  zps_node_memory memory = make();
  zps_node_address address;
  int exit_status = -1;
  assert_int_equal(zps_node_memory_address(&memory, &address, NULL), ZPS_OK);
  const pid_t child = fork();
  if (child == 0) {
    _exit(read_in_child(&address));
  }
  assert_int_equal(waitpid(child, &exit_status, 0), child);
  assert_int_equal(exit_status, 0);
  zps_node_memory_close(&memory);
  zps_node_memory_close(&memory);
  assert_int_equal(zps_node_memory_open(&address, &memory, NULL), ZPS_UNAVAILABLE);
}

static void test_nobody_can_change_it(void **unused) {
  (void)unused;
  zps_node_memory memory = make();
  assert_int_equal(pwrite(memory.fd, "a", 1, 0), -1);
  assert_int_equal(ftruncate(memory.fd, 10), -1);
  assert_int_equal(zps_node_memory_append(&memory, "a", 1, NULL), ZPS_MEMORY);
  const pid_t child = fork();
  if (child == 0) {
    (void)signal(SIGSEGV, SIG_DFL); /* cmocka's handler would go on with the tests */
    ((char *)(uintptr_t)memory.bytes)[0] = 'a';
    _exit(0);
  }
  int exit_status = 0;
  assert_int_equal(waitpid(child, &exit_status, 0), child);
  assert_int_not_equal(exit_status, 0);
  assert_int_equal(((const char *)memory.bytes)[0], 'z');
  zps_node_memory_close(&memory);
}

/* A process id is another process's in another container: what stands there now is told apart. */
static void test_another_file_is_refused(void **unused) {
  (void)unused;
  zps_node_memory memory = make();
  zps_node_memory other;
  zps_node_address address;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_node_memory_address(&memory, &address, NULL), ZPS_OK);
  address.inode++;
  assert_int_equal(zps_node_memory_open(&address, &other, &error), ZPS_UNAVAILABLE);
  assert_non_null(strstr(error.text, "is another one here"));
  assert_null(other.bytes);
  zps_node_memory_close(&other);
  zps_node_memory_close(&memory);
}

static void test_a_writer_that_stops_leaves_nothing(void **unused) {
  (void)unused;
  size_t size = SIZE - PIECE;
  zps_node_memory memory;
  zps_error error = {ZPS_OK, ""};
  assert_int_equal(zps_node_memory_create(SIZE, write_all, &size, &memory, &error), ZPS_FAILURE);
  assert_non_null(strstr(error.text, "99000 bytes written, expected 100000"));
  assert_null(memory.bytes);
  assert_int_equal(memory.fd, -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_another_process_reads_it),
      cmocka_unit_test(test_nobody_can_change_it),
      cmocka_unit_test(test_another_file_is_refused),
      cmocka_unit_test(test_a_writer_that_stops_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
