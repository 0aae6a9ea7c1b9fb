#!/bin/sh
# Builds lib/libcuda.so.1 beside this script, and lib/selftest. Needs g++ and nothing else.
set -e
cd "$(dirname "$0")"
mkdir -p lib
flags="-std=c++17 -O2 -g1 -Wall -Wextra -fPIC -fvisibility=hidden"
g++ $flags -c ptx.cpp -o lib/ptx.o &
g++ $flags -c exec.cpp -o lib/exec.o
g++ $flags -c driver.cpp -o lib/driver.o
wait $!
g++ -shared -Wl,-soname,libcuda.so.1 -o lib/libcuda.so.1 lib/ptx.o lib/exec.o lib/driver.o -ldl -lpthread
rm lib/*.o
ln -sf libcuda.so.1 lib/libcuda.so
g++ -std=c++17 -O1 -o lib/selftest selftest.cpp -Llib -lcuda -Wl,-rpath,'$ORIGIN'
