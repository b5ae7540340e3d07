using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Reading;

/// <summary>Makes loops: a While node and the functions that it calls.</summary>
internal static class WhileBuilder
{
    /// <summary>Adds a loop whose functions are made by the caller.</summary>
    /// <param name="node">The node that is read.</param>
    /// <param name="state">Initial values of the loop's variables, constant ones included.</param>
    /// <param name="condition">Gives a truth value: whether another iteration follows.</param>
    /// <param name="body">Gives the variables after an iteration.</param>
    /// <returns>The variables after the last iteration.</returns>
    public static NodeInput[] Loop(NodeReader node, NodeInput[] state, Func<NodeReader, NodeInput[], NodeInput> condition, Func<NodeReader, NodeInput[], NodeInput[]> body)
    {
        string cond = Function(node, state, "condition", (inner, arguments) => [condition(inner, arguments)]);
        string step = Function(node, state, "body", body);
        return Add(node, state, cond, step);
    }

    /// <summary>Adds a While node.</summary>
    public static NodeInput[] Add(NodeReader node, NodeInput[] state, string condition, string body) =>
        node.EmitAll("StatelessWhile", state, ("cond", new FunctionValue(condition, AttributeMap.Empty)), ("body", new FunctionValue(body, AttributeMap.Empty)));

    private static string Function(NodeReader node, NodeInput[] state, string part, Func<NodeReader, NodeInput[], NodeInput[]> build)
    {
        var emitter = new NodeEmitter();
        var inner = new NodeReader(node.Node, new ReadScope(emitter, node.Scope.Opsets), node.Graph, [], []);
        List<(string Name, DataType Type)> arguments = [.. state.Select((tensor, i) => ($"variable_{i}", node.Scope.Emitter.TypeOf(tensor)))];
        NodeInput[] tensors = [.. arguments.Select(argument => emitter.Argument(argument.Name, argument.Type))];
        NodeInput[] results = build(inner, tensors);
        return node.Graph.AddFunction($"{node.Name}_{part}", name => FunctionBuilder.Build(name, emitter, arguments, results));
    }
}
