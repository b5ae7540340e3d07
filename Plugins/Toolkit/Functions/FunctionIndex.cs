using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Toolkit.Functions;

/// <summary>The functions of a library by name; of several with one name the first counts.</summary>
public sealed class FunctionIndex
{
    private readonly Dictionary<string, FunctionDefinition> functions = new(StringComparer.Ordinal);

    public FunctionIndex(FunctionLibrary library)
    {
        foreach (FunctionDefinition function in library.Functions)
            functions.TryAdd(function.Signature.Name, function);
    }

    /// <summary>The function of a name, or null.</summary>
    public FunctionDefinition? Find(string name) => functions.GetValueOrDefault(name);

    /// <summary>The definition of an op or of a function, or null when the name is unknown.</summary>
    public OpDefinition? Definition(string op) => Find(op)?.Signature ?? OpTable.Find(op);
}
