using System.Collections.Frozen;
using System.Reflection;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>The converters of this assembly by the ops that their attributes declare.</summary>
internal static class NodeConverters
{
    private static readonly FrozenDictionary<string, OperatorConverter> ByOp = Load();

    /// <summary>Ops of all nodes that can be written.</summary>
    public static IEnumerable<string> Writable => ByOp.Keys.Order(StringComparer.Ordinal);

    /// <summary>Adds the operators of a node and defines its outputs, by its converter.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">It has no converter, or its converter refuses it.</exception>
    public static void Write(NodeWriter node)
    {
        OperatorConverter converter = ByOp.GetValueOrDefault(node.Node.Op) ?? throw node.Decline("TensorFlow Lite has no operator for it");
        converter.Write(node);
    }

    private static FrozenDictionary<string, OperatorConverter> Load()
    {
        var found = new Dictionary<string, OperatorConverter>(StringComparer.Ordinal);
        foreach (Type type in typeof(NodeConverters).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(OperatorConverter)) && !type.IsAbstract))
        {
            string[] nodes = [.. type.GetCustomAttributes<OperatorConverterAttribute>().SelectMany(attribute => attribute.Nodes)];
            var converter = nodes.Length == 0 ? null : (OperatorConverter)Activator.CreateInstance(type)!;
            foreach (string node in nodes)
                found.Add(node, converter!);
        }
        return found.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
