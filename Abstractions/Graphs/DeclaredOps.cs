using System.Collections.Concurrent;

namespace TransformFramework.Graphs;

/// <summary>The ops that the plugins of this process declare (<see cref="OpAttribute"/>). The host fills it when it finds plugins; an op of TensorFlow goes before one of the same name. Thread-safe.</summary>
public static class DeclaredOps
{
    private static readonly ConcurrentDictionary<string, string> Declarations = new(StringComparer.Ordinal);

    /// <summary>The declaration of an op, or null.</summary>
    public static string? Find(string op) => Declarations.GetValueOrDefault(op);

    /// <summary>Adds the declaration of an op; an op that is declared already keeps its first declaration.</summary>
    /// <returns>False when the op is declared otherwise.</returns>
    public static bool TryAdd(string op, string declaration) => Declarations.GetOrAdd(op, declaration) == declaration;
}
