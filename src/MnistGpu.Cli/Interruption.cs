using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MnistGpu.Cli;

/// <summary>
/// Ctrl-C, and the other signals that end a program. Until a command uses the token, a signal ends the process, which may be
/// waiting for a pipe. After that, the first one asks it to stop and save what it has, and one that comes more than a second
/// later ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>The exit code after Ctrl-C: as in shells, 128 plus the number of the signal.</summary>
    public const int CtrlC = 128 + 2;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private long _first;

    public Interruption()
    {
        Token = new Lazy<CancellationToken>(() => _source.Token);
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }
            .Select(signal => PosixSignalRegistration.Create(signal, Interrupt))];
    }

    /// <summary>Cancelled by a signal.</summary>
    public Lazy<CancellationToken> Token { get; }

    /// <summary>That of the first signal.</summary>
    public int ExitCode { get; private set; } = CtrlC;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _source.Dispose();
    }

    private void Interrupt(PosixSignalContext context)
    {
        // Read once: a busy machine may take the processor away for a second between two lines.
        long now = Stopwatch.GetTimestamp();
        int exitCode = context.Signal switch
        {
            PosixSignal.SIGHUP => 128 + 1,
            PosixSignal.SIGQUIT => 128 + 3,
            PosixSignal.SIGTERM => 128 + 15,
            _ => CtrlC,
        };
        if (!_source.IsCancellationRequested)
            (_first, ExitCode) = (now, exitCode);
        if (Token.IsValueCreated && Stopwatch.GetElapsedTime(_first, now).TotalSeconds < 1)
        {
            context.Cancel = true;
            _source.Cancel();
        }
        else if (Environment.ProcessId == 1)
        {
            // A signal's default action ends other processes, but not the first one in a container.
            Environment.Exit(exitCode);
        }
    }
}
