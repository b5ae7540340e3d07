using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;

namespace TransformFramework.Onnx.Writing;

/// <summary>What all graphs of a model that is written share.</summary>
internal sealed class WriteContext(Graph graph, int opset, CancellationToken cancellation)
{
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> takenNodes = new(StringComparer.Ordinal);

    /// <summary>The graph that was given.</summary>
    public Graph Graph => graph;

    /// <summary>Version of the operator set.</summary>
    public int Opset => opset;

    /// <summary>Whether a node of ONNX Runtime's own domain was written.</summary>
    public bool UsesMicrosoftDomain { get; set; }

    /// <summary>What functions may grow to.</summary>
    public CallBudget Calls { get; } = new(OnnxDiagnostics.Decline);

    public CancellationToken Cancellation => cancellation;

    /// <summary>Constants of the model by their names.</summary>
    public Dictionary<string, Tensor> Constants { get; } = new(StringComparer.Ordinal);

    /// <summary>What nodes compute, by name.</summary>
    public Dictionary<string, Operand> Operands { get; } = new(StringComparer.Ordinal);

    /// <summary>The node of the model's own graph that is being written.</summary>
    public Node? Current { get; set; }

    /// <summary>Tensors of the graph that are outputs.</summary>
    public HashSet<string> Outputs { get; } = new(StringComparer.Ordinal);

    public Tensor? Constant(string name) => Constants.GetValueOrDefault(name);

    public bool IsOutput(NodeInput tensor) => Outputs.Contains(tensor.Canonical);

    /// <summary>Keeps a name for an input or output.</summary>
    public void Reserve(string name) => taken.TryAdd(name, 0);

    /// <summary>A tensor's name that nothing else has.</summary>
    public string Fresh(string wish) => Fresh(taken, wish);

    /// <summary>A node's name that no other node has.</summary>
    public string FreshNode(string wish) => Fresh(takenNodes, wish);

    private static string Fresh(Dictionary<string, int> names, string wish)
    {
        if (names.TryAdd(wish, 0))
            return wish;
        string name;
        do
            name = string.Create(CultureInfo.InvariantCulture, $"{wish}_{++names[wish]}");
        while (!names.TryAdd(name, 0));
        return name;
    }
}
