using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.Pipeline;

/// <summary>Takes ports off control inputs (<c>^x:0</c> → <c>^x</c>) and moves control inputs behind data inputs, as TensorFlow asks for.</summary>
internal static class PortRepair
{
    public static Graph Apply(Graph graph, List<Diagnostic> diagnostics)
    {
        int repaired = 0;
        string? example = null;
        Graph result = graph.Select(node =>
        {
            ImmutableArray<NodeInput> ordered = [.. node.DataInputs, .. node.ControlInputs.Select(input => NodeInput.Control(input.Node))];
            if (ordered.AsSpan().SequenceEqual(node.Inputs.AsSpan()))
                return node;
            repaired++;
            example ??= node.Name;
            return node with { Inputs = ordered };
        });
        if (repaired > 0)
            diagnostics.Add(EngineDiagnostics.MisplacedControl.With(repaired) with { Node = example });
        return result;
    }
}
