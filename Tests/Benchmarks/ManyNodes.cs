using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Benchmarks;

/// <summary>Graphs with many small nodes: a chain with constants, pass-through nodes, duplicates and unused branches.</summary>
internal static class ManyNodes
{
    public const string Input = "x";
    public const string Output = "out";

    public static void Write(int count, string path)
    {
        using FileStream file = File.Create(path);
        GraphDefWriter.Write(Build(count), file);
    }

    public static Graph Build(int count)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(count + 8);
        nodes.Add(new Node(Input, "Placeholder").With("dtype", DataType.Float).With("shape", TensorShape.Of(8)));
        string last = Input;
        for (int i = 0; nodes.Count + 6 <= count; i++)
        {
            nodes.Add(Node.Constant($"block_{i}/a", Tensor.Scalar((float)i)));
            nodes.Add(Node.Constant($"block_{i}/b", Tensor.Scalar((float)(i / 2))));
            nodes.Add(Typed($"block_{i}/mul", "Mul", last, $"block_{i}/a"));
            nodes.Add(Typed($"block_{i}/id", "Identity", $"block_{i}/mul"));
            nodes.Add(Typed($"block_{i}/add", "Add", $"block_{i}/id", $"block_{i}/b"));
            nodes.Add(Typed($"block_{i}/unused", "Relu", last));
            last = $"block_{i}/add";
        }
        nodes.Add(Typed(Output, "Relu", last));
        return new(nodes.ToImmutable());
    }

    private static Node Typed(string name, string op, params ReadOnlySpan<NodeInput> inputs) => new Node(name, op, inputs).With("T", DataType.Float);
}
