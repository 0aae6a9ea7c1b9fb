using System.ComponentModel;
using System.Diagnostics;

namespace MnistGpu.Testing;

/// <summary>A Python with NumPy, to compare with.</summary>
public static class NumPy
{
    /// <summary>The first that has NumPy of the Python on the path and the system's own; null where none has.</summary>
    private static readonly string? s_python = new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(HasNumPy);

    /// <summary>Runs a script, and skips the test where there is no NumPy.</summary>
    /// <param name="arguments">Of Python: a file and its arguments, or "-c" and a script.</param>
    /// <returns>What the script prints.</returns>
    /// <exception cref="InvalidOperationException">The script fails; says what it printed as errors.</exception>
    public static string Run(params string[] arguments)
    {
        Skip.If(s_python is null, "There is no Python with NumPy here.");
        return Run(s_python!, arguments);
    }

    private static bool HasNumPy(string python)
    {
        try
        {
            Run(python, ["-c", "import numpy"]);
            return true;
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
            return false;
        }
    }

    private static string Run(string python, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(python, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{python}: {error.Result}");
    }
}
