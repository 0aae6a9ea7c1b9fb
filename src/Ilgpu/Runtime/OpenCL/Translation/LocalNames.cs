using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>The names that local variables have in the source, where the assembly's symbols (.pdb) are at hand.</summary>
internal sealed class LocalNames
{
    private readonly List<Scope> _scopes;

    private LocalNames(List<Scope> scopes) => _scopes = scopes;

    internal static LocalNames Of(IlMethod method)
    {
        List<Scope> scopes = Scopes(method.Method);

        // Names are for readers. A slot that is also used outside of its names' scopes goes without, so that it is
        // one variable.
        var names = new LocalNames(scopes);
        HashSet<int> unclear = [.. method.Operations
            .Where(use => use.Name is "stloc" or "ldloc" or "ldloca" && names.At(use.Number, use.Offset) is null)
            .Select(use => use.Number)];
        scopes.RemoveAll(scope => unclear.Contains(scope.Slot));
        return names;
    }

    /// <summary>The variable that is in a slot at an offset in the method's IL; null if unknown.</summary>
    internal Scope? At(int slot, int offset) =>
        _scopes.Find(scope => scope.Slot == slot && scope.Start <= offset && offset < scope.End);

    private static List<Scope> Scopes(MethodBase method)
    {
        string file = method.Module.Assembly.Location;
        if (file.Length == 0)
            return [];
        try
        {
            using var image = new PEReader(File.OpenRead(file));
            if (!image.TryOpenAssociatedPortablePdb(file, File.OpenRead, out MetadataReaderProvider? symbols, out _))
                return [];
            using (symbols)
            {
                MetadataReader reader = symbols!.GetMetadataReader();
                var handle = (MethodDefinitionHandle)MetadataTokens.EntityHandle(method.MetadataToken);
                return [.. reader.GetLocalScopes(handle.ToDebugInformationHandle()).Select(reader.GetLocalScope)
                    .SelectMany(scope => scope.GetLocalVariables().Select(reader.GetLocalVariable)
                        .Select(local => new Scope(
                            local.Index, reader.GetString(local.Name), scope.StartOffset, scope.EndOffset)))];
            }
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException
            or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A local variable and the part of the method's IL that it exists in.</summary>
    internal sealed record Scope(int Slot, string Name, int Start, int End);
}
