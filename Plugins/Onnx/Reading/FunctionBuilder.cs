using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Onnx.Reading;

/// <summary>Makes a library function of nodes: references become <c>node:output:index</c>.</summary>
internal static class FunctionBuilder
{
    /// <param name="name">The function's name.</param>
    /// <param name="emitter">The body's nodes.</param>
    /// <param name="arguments">Names and types of the arguments, in order.</param>
    /// <param name="results">What the function returns, in order.</param>
    public static FunctionDefinition Build(string name, NodeEmitter emitter, IReadOnlyList<(string Name, DataType Type)> arguments, IReadOnlyList<NodeInput> results)
    {
        ImmutableArray<Node> nodes = emitter.Needed(results);
        Dictionary<string, Node> byName = nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        var inputs = arguments.Select(argument => new ArgumentDefinition(argument.Name, argument.Type));
        var outputs = results.Select((result, i) => new ArgumentDefinition(ResultName(i), emitter.TypeOf(result)));
        var returns = results.Select((result, i) => KeyValuePair.Create(ResultName(i), Spelled(result, byName)));
        return new(
            new OpDefinition(name, [.. inputs], [.. outputs], []),
            [.. nodes.Select(node => node with { Inputs = [.. node.Inputs.Select(input => new NodeInput(Spelled(input, byName)))] })],
            ImmutableSortedDictionary.CreateRange(NameOrder.Instance, returns));
    }

    private static string ResultName(int index) => string.Create(CultureInfo.InvariantCulture, $"result_{index}");

    private static string Spelled(NodeInput input, Dictionary<string, Node> nodes)
    {
        if (!nodes.TryGetValue(input.Node, out Node? producer))
            return input.Node;
        OpDefinition definition = OpTable.Find(producer.Op)!;
        Node complete = OpDefaults.Complete(producer);
        ArgumentDefinition output = definition.Outputs.Last(argument => OpTypes.FirstPort(complete, definition, argument.Name) <= input.Port);
        int index = input.Port - OpTypes.FirstPort(complete, definition, output.Name);
        return string.Create(CultureInfo.InvariantCulture, $"{input.Node}:{output.Name}:{index}");
    }
}
