"""Small WebAssembly programs that do one thing each, written by hand so that nothing else happens."""

IMPORTS = """
(import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_readdir" (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_filestat_get" (func $fd_filestat_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $set_size (param i32 i64) (result i32)))
(import "wasi_snapshot_preview1" "fd_allocate" (func $fd_allocate (param i32 i64 i64) (result i32)))
(import "wasi_snapshot_preview1" "path_open"
  (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "path_symlink" (func $path_symlink (param i32 i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "path_rename"
  (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
(import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
"""

READ, WRITE, READ_WRITE = 1 << 1, 1 << 6, (1 << 1) | (1 << 6)
CREATE, DIRECTORY, EXCLUSIVE, TRUNCATE = 1, 2, 4, 8
PATH_AT, RESULT_AT, VECTOR_AT, DATA_AT = 1024, 64, 32, 65536


def program(body: str, *, data: str = "", pages: int = 4, functions: str = "") -> str:
    """A command module whose `_start` is `body`; `data` are data segments."""
    return f"""(module {IMPORTS}
      (memory (export "memory") {pages})
      {data}
      (func $check (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
      {functions}
      (func (export "_start") (local $i i32) (local $fd i32) {body}))"""


def text(offset: int, value: str) -> str:
    """A data segment with a string."""
    escaped = "".join(f"\\{byte:02x}" for byte in value.encode())
    return f'(data (i32.const {offset}) "{escaped}")'


def open_path(path: str, how: int = 0, rights: int = READ) -> str:
    """Instructions that open the path at PATH_AT into $fd, and exit with the error number when that fails."""
    length = len(path.encode())
    return f"""(call $check (call $path_open (i32.const 3) (i32.const 0) (i32.const {PATH_AT})
        (i32.const {length}) (i32.const {how}) (i64.const {rights}) (i64.const 0) (i32.const 0)
        (i32.const {RESULT_AT})))
      (local.set $fd (i32.load (i32.const {RESULT_AT})))"""


def vector(offset: int, length: int) -> str:
    """Instructions that describe a buffer in the one iovec at VECTOR_AT."""
    return f"""(i32.store (i32.const {VECTOR_AT}) (i32.const {offset}))
      (i32.store (i32.const {VECTOR_AT + 4}) (i32.const {length}))"""


def write(fd: str, offset: int, length: int) -> str:
    """Instructions that write a buffer, and exit with the error number when that fails."""
    return f"""{vector(offset, length)}
      (call $check (call $fd_write {fd} (i32.const {VECTOR_AT}) (i32.const 1) (i32.const {RESULT_AT})))"""


def read(offset: int, length: int) -> str:
    """Instructions that read from $fd, and exit with the error number when that fails."""
    return f"""{vector(offset, length)}
      (call $check
        (call $fd_read (local.get $fd) (i32.const {VECTOR_AT}) (i32.const 1) (i32.const {RESULT_AT})))"""


def forever(body: str = "") -> str:
    """Instructions that never end by themselves."""
    return f"(loop $again {body} (br $again))"


def print_memory(offset: int, length: int) -> str:
    """Instructions that print a piece of memory to the log."""
    return write("(i32.const 1)", offset, length)


def saves(path: str, offset: int, length: int) -> str:
    """A program that leaves a piece of its memory as an output."""
    return program(
        open_path(path, CREATE | TRUNCATE, READ_WRITE) + write("(local.get $fd)", offset, length),
        data=text(PATH_AT, path) + text(DATA_AT, "what a good program writes"),
    )


GOOD = saves("out/good.txt", DATA_AT, 26)
"""Writes 26 bytes to out/good.txt."""
