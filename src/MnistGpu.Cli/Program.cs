using System.Diagnostics;
using System.Runtime.InteropServices;
using MnistGpu.Cli;
using MnistGpu.Cli.Output;

using var interrupted = new CancellationTokenSource();
var interruption = new Lazy<CancellationToken>(() => interrupted.Token);
long first = 0;
int exitCode = CommandLine.Interrupted;

// Until a command uses the token, a signal ends the process, which may be waiting for a pipe. After that, the first Ctrl-C
// asks it to stop and save what it has, and one that comes more than a second later ends the process at once.
void Interrupt(PosixSignalContext context)
{
    // Read once: a busy machine may take the processor away for a second between two lines.
    long now = Stopwatch.GetTimestamp();
    int itsExitCode = context.Signal switch
    {
        PosixSignal.SIGHUP => 128 + 1,
        PosixSignal.SIGTERM => 128 + 15,
        _ => CommandLine.Interrupted,
    };
    if (!interrupted.IsCancellationRequested)
    {
        first = now;
        exitCode = itsExitCode;
    }
    if (interruption.IsValueCreated && Stopwatch.GetElapsedTime(first, now).TotalSeconds < 1)
    {
        context.Cancel = true;
        interrupted.Cancel();
    }
    else if (Environment.ProcessId == 1)
    {
        // A signal's default action ends other processes, but not the first one in a container.
        Environment.Exit(itsExitCode);
    }
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);

if (PlainOutput.IsNeeded(Console.OutputEncoding, Environment.GetEnvironmentVariable))
{
    Console.SetOut(new PlainOutput(Console.Out));
    Console.SetError(new PlainOutput(Console.Error));
}
Console.SetOut(new CheckedOutput(Console.Out));
int result = CommandLine.Run(args, new Terminal(Console.Out, Console.Error, interruption));
return result == CommandLine.Interrupted ? exitCode : result;
