using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;
using TransformFramework.Toolkit.Functions;

namespace TransformFramework.Onnx.Writing;

/// <summary>A library function that a node calls, written where it is called.</summary>
internal sealed class FunctionScope
{
    private readonly NodeWriter node;
    private readonly FunctionBody body;
    private readonly Graph graph;

    /// <param name="node">The calling node.</param>
    /// <param name="attribute">Its attribute that names the function.</param>
    public FunctionScope(NodeWriter node, string attribute)
    {
        this.node = node;
        Graph model = node.Graph.Context.Graph;
        if (!node.Node.TryFunction(attribute, out var called) || model.Functions.Find(called.Name) is not { } function)
            throw OnnxDiagnostics.Decline($"its function '{attribute}' is missing");
        body = new FunctionBody(model.Functions, function, called.Attributes, [.. function.Signature.Inputs.Select((_, i) => Argument(i))], name => name);
        graph = new Graph(body.Nodes, model.Functions);
    }

    /// <summary>Writes the body into a graph and gives its results.</summary>
    public WrittenValue[] Write(OnnxGraph target, IReadOnlyList<WrittenValue> arguments, GraphWriter? outer = null)
    {
        var writer = new GraphWriter(node.Graph.Context, graph, outer ?? node.Graph, target);
        for (int i = 0; i < arguments.Count; i++)
            writer.Bind(Argument(i), arguments[i]);
        return node.Graph.Context.Calls.Call(() =>
        {
            writer.Write(body.Results);
            return Results(writer);
        });
    }

    private WrittenValue[] Results(GraphWriter writer) => [.. body.Results.Select(result => writer[result])];

    /// <summary>True when the function gives its i-th argument plus 1 as its i-th result.</summary>
    public bool Counts(int index)
    {
        if (index >= body.Results.Length || Source(body.Results[index]) is not { Op: "Add" or "AddV2" } sum)
            return false;
        bool isOwn = sum.DataInputs.Any(input => IsArgument(input, index));
        bool addsOne = sum.DataInputs.Any(input => Source(input)?.TensorAttribute("value") is { ElementCount: 1, IsDecodable: true, Type: DataType.Int32 or DataType.Int64 } one && Tensors.ToLongs(one)[0] == 1);
        return isOwn && addsOne;
    }

    private static NodeInput Argument(int index) => NodeInput.Data(FormattableString.Invariant($"argument/{index}"));

    private bool IsArgument(NodeInput input, int index)
    {
        while (graph.Find(input.Node) is { Op: "Identity" } identity)
            input = identity.Inputs[0];
        return input.Canonical == Argument(index).Canonical;
    }

    private Node? Source(NodeInput input)
    {
        Node? found = graph.Find(input.Node);
        while (found is { Op: "Identity" })
            found = graph.Find(found.Inputs[0].Node);
        return found;
    }
}
