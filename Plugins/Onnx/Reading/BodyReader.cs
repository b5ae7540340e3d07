using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Reading;

/// <summary>A graph of a node, read into a body of its own, which a function is made of.</summary>
internal sealed class BodyReader
{
    private readonly List<(string Name, DataType Type)> arguments = [];
    private readonly OnnxGraph body;

    /// <param name="op">The node that holds the graph.</param>
    /// <param name="body">The graph.</param>
    public BodyReader(NodeReader op, OnnxGraph body)
    {
        this.body = body;
        Scope = new ReadScope(new NodeEmitter(), op.Scope.Opsets, op.Scope);
    }

    public ReadScope Scope { get; }

    public NodeEmitter Emitter => Scope.Emitter;

    /// <summary>Adds an argument of the function.</summary>
    public NodeInput AddArgument(string name, DataType type)
    {
        string fresh = Emitter.Fresh(name.Replace('/', '_'));
        arguments.Add((fresh, type));
        return Emitter.Argument(fresh, type);
    }

    /// <summary>Lets an input of the graph be a tensor of the body.</summary>
    public void Bind(int input, NodeInput tensor, TensorShape shape)
    {
        string name = body.Inputs[input].Name;
        Scope.Set(name, new ReadValue(Emitter, name, new ValueInfo(Emitter.TypeOf(tensor), shape), tensor));
    }

    /// <summary>Reads the graph's nodes and gives its outputs.</summary>
    public IReadOnlyList<ReadValue> Read(NodeReader op)
    {
        op.Graph.Read(body, Scope);
        return [.. body.Outputs.Select(output => Scope.Find(output.Name) ?? throw OnnxDiagnostics.Broken($"its graph '{body.Name}' does not compute its output '{output.Name}'"))];
    }

    /// <summary>Makes the function; its arguments are those added, then the values that it and others take from around.</summary>
    /// <param name="op">The node that holds the graph.</param>
    /// <param name="name">Wish for the function's name.</param>
    /// <param name="before">Values from around that come before this body's own.</param>
    /// <param name="results">What the function returns.</param>
    /// <param name="after">Values from around that come after this body's own.</param>
    public string Build(NodeReader op, string name, IEnumerable<NodeInput> before, IReadOnlyList<NodeInput> results, IEnumerable<NodeInput> after)
    {
        var all = new List<(string Name, DataType Type)>(arguments);
        all.AddRange(before.Select(Unused));
        all.AddRange(Scope.Captures.Select(capture => (capture.Argument, op.Scope.Emitter.TypeOf(capture.Outer.Tensor))));
        all.AddRange(after.Select(Unused));
        return op.Graph.AddFunction(name, fresh => FunctionBuilder.Build(fresh, Emitter, all, results));

        (string Name, DataType Type) Unused(NodeInput outer) => (Emitter.Fresh("unused"), op.Scope.Emitter.TypeOf(outer));
    }

    /// <summary>Tensors around the node that the body needs.</summary>
    public NodeInput[] Captured => [.. Scope.Captures.Select(capture => capture.Outer.Tensor)];
}
