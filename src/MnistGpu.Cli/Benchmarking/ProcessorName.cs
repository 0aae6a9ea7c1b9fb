using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>
/// The name of the processor, as its maker writes it: "AMD Ryzen 7 5800X 8-Core Processor", "Apple M2".
/// </summary>
internal static class ProcessorName
{
    /// <summary>The name; the architecture where nothing tells it.</summary>
    public static string Read()
    {
        try
        {
            string? name = OperatingSystem.IsLinux() ? FromProcFiles() ?? FromDeviceTree()
                : X86Base.IsSupported ? FromInstruction()
                : OperatingSystem.IsMacOS() ? FromSysctl()
                : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
            if (!string.IsNullOrWhiteSpace(name))
                return string.Join(' ', name.Split([' ', '\0'], StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            or System.ComponentModel.Win32Exception)
        {
            // A name is nice to have.
        }
        return RuntimeInformation.ProcessArchitecture.ToString();
    }

    /// <summary>Linux on x86: a virtual machine's system may know a better name than its processor tells.</summary>
    private static string? FromProcFiles()
    {
        const string label = "model name";
        return File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal))
            ?[label.Length..].TrimStart(' ', '\t', ':');
    }

    /// <summary>
    /// An x86 processor tells its name itself, whatever the system: functions 80000002h to 80000004h of the instruction
    /// CPUID return 16 of its 48 characters each.
    /// </summary>
    private static string? FromInstruction()
    {
        const int first = unchecked((int)0x80000002);
        const int last = unchecked((int)0x80000004);
        if ((uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < unchecked((uint)last))
            return null;
        List<byte> name = [];
        for (int function = first; function <= last; function++)
        {
            (int eax, int ebx, int ecx, int edx) = X86Base.CpuId(function, 0);
            foreach (int register in (int[])[eax, ebx, ecx, edx])
                name.AddRange(BitConverter.GetBytes(register));
        }
        return Encoding.ASCII.GetString([.. name]);
    }

    private static string FromSysctl()
    {
        using Process sysctl = Process.Start(
            new ProcessStartInfo("sysctl", ["-n", "machdep.cpu.brand_string"]) { RedirectStandardOutput = true })!;
        string name = sysctl.StandardOutput.ReadToEnd();
        sysctl.WaitForExit();
        return name.Trim();
    }

    /// <summary>Linux on ARM and others: the name of the board.</summary>
    private static string FromDeviceTree() => File.ReadAllText("/sys/firmware/devicetree/base/model");
}
