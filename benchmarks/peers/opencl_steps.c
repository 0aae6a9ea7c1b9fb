// A plain OpenCL program that launches the three kernels of a training step as MnistGpu does, and nothing else: what a
// launch costs without the program around it. opencl.py compiles and runs it.
//     opencl_steps HIDDEN.cl OUTPUT.cl UPDATE.cl train-images.idx3-ubyte BATCH UNITS STEPS
// Prints the seconds from the first launch of the last of three rounds of STEPS steps to the end of its last kernel.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIXELS = 784, DIGITS = 10, LANES_OF_OUTPUT = 128, PIXELS_PER_GROUP = 8, SLICES = 8 };

static cl_context context;
static cl_device_id device;

static void check(cl_int error, const char *what)
{
    if (error != CL_SUCCESS) {
        fprintf(stderr, "%s: OpenCL error %d\n", what, error);
        exit(1);
    }
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    *size = ftell(file);
    rewind(file);
    char *text = malloc(*size + 1);
    if (fread(text, 1, *size, file) != *size)
        exit(1);
    text[*size] = 0;
    fclose(file);
    return text;
}

static cl_kernel compile(const char *path, const char *name)
{
    size_t size;
    const char *source = read_file(path, &size);
    cl_int error;
    cl_program program = clCreateProgramWithSource(context, 1, &source, &size, &error);
    check(error, path);
    check(clBuildProgram(program, 1, &device, "", NULL, NULL), path);
    cl_kernel kernel = clCreateKernel(program, name, &error);
    check(error, name);
    return kernel;
}

typedef struct { cl_mem memory; cl_long length; } view;

static view buffer(cl_long length, size_t element, const void *content)
{
    cl_int error;
    void *zeros = content ? NULL : calloc(length, element);
    view result = { clCreateBuffer(context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, length * element,
                                   content ? (void *)content : zeros, &error), length };
    check(error, "clCreateBuffer");
    free(zeros);
    return result;
}

static cl_uint place;

static void pass(cl_kernel kernel, const void *value, size_t size)
{
    check(clSetKernelArg(kernel, place++, size, value), "clSetKernelArg");
}

static void pass_int(cl_kernel kernel, cl_int value) { pass(kernel, &value, sizeof value); }

static void pass_view(cl_kernel kernel, view v)
{
    cl_long offset = 0;
    pass(kernel, &v.memory, sizeof v.memory);
    pass(kernel, &offset, sizeof offset);
    pass(kernel, &v.length, sizeof v.length);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

int main(int count, char **arguments)
{
    if (count != 8) {
        fprintf(stderr, "usage: opencl_steps HIDDEN.cl OUTPUT.cl UPDATE.cl IMAGES BATCH UNITS STEPS\n");
        return 2;
    }
    int batch = atoi(arguments[5]), units = (atoi(arguments[6]) + 7) / 8 * 8, steps = atoi(arguments[7]);
    cl_platform_id platform;
    cl_int error;
    check(clGetPlatformIDs(1, &platform, NULL), "clGetPlatformIDs");
    check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "clGetDeviceIDs");
    context = clCreateContext(NULL, 1, &device, NULL, NULL, &error);
    check(error, "clCreateContext");
    cl_command_queue queue = clCreateCommandQueue(context, device, 0, &error);
    check(error, "clCreateCommandQueue");
    cl_kernel hidden_layer = compile(arguments[1], "HiddenLayer_Tuned");
    cl_kernel output_layer = compile(arguments[2], "OutputLayerAndDeltas_Tuned");
    cl_kernel update = compile(arguments[3], "ParameterUpdate_Tuned");

    size_t size;
    char *images = read_file(arguments[4], &size);
    int available = (int)((size - 16) / PIXELS);
    cl_int *in_order = malloc(available * sizeof *in_order);
    for (int i = 0; i < available; i++)
        in_order[i] = i;
    view pixels = buffer((cl_long)available * PIXELS, 1, images + 16);
    view labels = buffer(available, 1, NULL), order = buffer(available, 4, in_order);
    view w1 = buffer(PIXELS * units, 4, NULL), b1 = buffer(units, 4, NULL);
    view w2 = buffer(units * DIGITS, 4, NULL), b2 = buffer(DIGITS, 4, NULL);
    view hidden = buffer(batch * units, 4, NULL), hidden_delta = buffer(batch * units, 4, NULL);
    view output_delta = buffer(batch * DIGITS, 4, NULL), losses = buffer(available, 4, NULL);
    view hits = buffer(1, 4, NULL);

    int groups = (units + 255) / 256, lanes = (units / 8 + groups - 1) / groups;
    size_t hidden_group[2] = { lanes * SLICES, 1 }, hidden_range[2] = { (size_t)batch * lanes * SLICES, groups };
    size_t output_group = LANES_OF_OUTPUT, output_range = (size_t)batch * LANES_OF_OUTPUT;
    size_t update_group = lanes * PIXELS_PER_GROUP;
    size_t others = (units + units * DIGITS + DIGITS + update_group - 1) / update_group;
    size_t update_range = (PIXELS / PIXELS_PER_GROUP * groups + others) * update_group;
    cl_float learning_rate = 0.1f;

    double start = 0;
    for (int round = 0; round < 3; round++) {
        clFinish(queue);
        start = seconds();
        for (int step = 0; step < steps; step++) {
            int first = step * batch % (available - batch + 1);
            place = 0;
            pass_view(hidden_layer, pixels), pass_view(hidden_layer, order), pass_int(hidden_layer, first);
            pass_view(hidden_layer, w1), pass_view(hidden_layer, b1), pass_int(hidden_layer, units);
            pass_view(hidden_layer, hidden);
            check(clEnqueueNDRangeKernel(queue, hidden_layer, 2, NULL, hidden_range, hidden_group, 0, NULL, NULL),
                  "hidden layer");
            place = 0;
            pass_view(output_layer, labels), pass_view(output_layer, order), pass_int(output_layer, first);
            pass_view(output_layer, hidden), pass_view(output_layer, w2), pass_view(output_layer, b2);
            pass_int(output_layer, units), pass_view(output_layer, output_delta);
            pass_view(output_layer, hidden_delta), pass_view(output_layer, losses), pass_view(output_layer, hits);
            check(clEnqueueNDRangeKernel(queue, output_layer, 1, NULL, &output_range, &output_group, 0, NULL, NULL),
                  "output layer");
            place = 0;
            pass_view(update, pixels), pass_view(update, order), pass_int(update, first), pass_int(update, batch);
            pass_view(update, hidden), pass_view(update, hidden_delta), pass_view(update, output_delta);
            pass(update, &learning_rate, sizeof learning_rate), pass_int(update, units);
            pass_view(update, w1), pass_view(update, b1), pass_view(update, w2), pass_view(update, b2);
            check(clEnqueueNDRangeKernel(queue, update, 1, NULL, &update_range, &update_group, 0, NULL, NULL),
                  "update");
        }
        clFinish(queue);
    }
    printf("%.6f\n", seconds() - start);
    return 0;
}
