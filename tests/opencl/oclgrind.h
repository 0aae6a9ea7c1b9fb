/* Makes ILGPU's OpenCL C 2.0 what Oclgrind takes: OpenCL C 1.2, which knows neither generic pointers nor C11's atomics. */
#define __generic __global
#define work_group_barrier barrier
#define atomic_int volatile __global int
#define atomic_fetch_add atomic_add
