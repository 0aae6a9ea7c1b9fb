using System.Reflection;
using ILGPU;

namespace Ilgpu.Tests;

/// <summary>The built-in runtime's public surface against that of ILGPU 1.5.3.</summary>
public class SignatureTests
{
    private const BindingFlags PublicMembers =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    [SkippableFact]
    public void EveryPublicMemberIsOneOfIlgpu()
    {
        BuiltIn.Only();
        Dictionary<string, HashSet<string>> known = KnownMembers();

        var unknown = new List<string>();
        foreach (Type type in typeof(Context).Assembly.GetExportedTypes())
        {
            // A nested type without lines of its own is known by its name alone.
            if (known.TryGetValue(type.FullName!, out HashSet<string>? members))
                unknown.AddRange(Members(type).Where(member => !members.Contains(member)).Select(m => $"{type}: {m}"));
            else if (!IsKnownNestedType(known, type))
                unknown.Add($"{type}");
        }

        Assert.Empty(unknown);
    }

    [Fact]
    public void KnownMembersAreMany()
    {
        Dictionary<string, HashSet<string>> known = KnownMembers();

        Assert.True(known.Count > 30, $"{known.Count} types");
        Assert.Contains("Void Barrier()", known["ILGPU.Group"]);
    }

    private static bool IsKnownNestedType(Dictionary<string, HashSet<string>> known, Type type) =>
        type.DeclaringType is { } parent
        && known.TryGetValue(parent.FullName!, out HashSet<string>? members)
        && members.Contains($"nested {type.Name}");

    private static IEnumerable<string> Members(Type type) => type.GetMembers(PublicMembers)
        .Where(member => member.DeclaringType != typeof(object)
            && member.DeclaringType != typeof(ValueType)
            && member.DeclaringType != typeof(Enum)
            && member.DeclaringType != typeof(Exception))
        .Select(member => member is Type nested ? $"nested {nested.Name}" : member.ToString()!);

    private static Dictionary<string, HashSet<string>> KnownMembers()
    {
        var known = new Dictionary<string, HashSet<string>>();
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("signatures")!;
        using var reader = new StreamReader(stream);
        HashSet<string> members = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            if (line.StartsWith(' '))
                members.Add(line.Trim());
            else
                known.Add(line, members = []);
        }

        return known;
    }
}
