using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>Compares numbers and types of inputs with what the ops of a release take. Every input has a producer.</summary>
internal sealed class InputVerifier(Graph graph, NodeVerifier ops)
{
    private readonly Dictionary<string, ImmutableArray<DataType>> outputs = new(StringComparer.Ordinal);

    /// <summary>Problems of the nodes that are sound themselves, where what they read is sound too.</summary>
    /// <param name="isSound">Whether a node's attributes are those of its op.</param>
    public IEnumerable<ReleaseProblem> Verify(Func<Node, bool> isSound)
    {
        foreach (Node node in graph.Nodes.Where(node => isSound(node) && node.DataInputs.All(input => isSound(graph.Find(input.Node)!))))
        {
            foreach (ReleaseProblem problem in Inputs(node))
                yield return problem;
        }
    }

    private List<ReleaseProblem> Inputs(Node node)
    {
        var problems = new List<ReleaseProblem>();
        try
        {
            var expected = OpTypes.InputTypes(node, ops.Definition(node)!);
            NodeInput[] inputs = [.. node.DataInputs];
            if (inputs.Length != expected.Length)
                problems.Add(new("", $"node '{node.Name}' ({node.Op}) has {inputs.Length} inputs, its op takes {expected.Length}", node));
            for (int i = 0; i < Math.Min(inputs.Length, expected.Length); i++)
            {
                if (Mismatch(node, i, inputs[i], expected[i]) is { } mismatch)
                    problems.Add(new("", mismatch, node));
            }
        }
        catch (TransformException error)
        {
            problems.Add(new("", error.Message, node));
        }
        return problems;
    }

    private string? Mismatch(Node node, int index, NodeInput input, DataType expected)
    {
        Node producer = graph.Find(input.Node)!;
        var given = Outputs(producer);
        if (input.Port < 0 || input.Port >= given.Length)
            return $"Node '{node.Name}': Connecting to invalid output {input.Port} of source node {producer.Name} which has {given.Length} outputs";
        DataType type = given[input.Port];
        if (type == expected || type.Base() == expected)
            return null;
        return expected.Base() == type
            ? $"input {index} of node '{node.Name}' ({node.Op}) is a value of '{producer.Name}', but the op takes a variable"
            : $"Input {index} of node {node.Name} was passed {type.Name()} from {producer.Name}:{input.Port} incompatible with expected {expected.Name()}.";
    }

    private ImmutableArray<DataType> Outputs(Node producer)
    {
        if (!outputs.TryGetValue(producer.Name, out var types))
            outputs.Add(producer.Name, types = OpTypes.OutputTypes(producer, ops.Definition(producer)!));
        return types;
    }
}
