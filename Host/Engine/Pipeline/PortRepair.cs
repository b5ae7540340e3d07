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
            if (IsOrdered(node))
                return node;
            repaired++;
            example ??= node.Name;
            return node with { Inputs = [.. node.DataInputs, .. node.ControlInputs.Select(input => NodeInput.Control(input.Node))] };
        });
        if (repaired > 0)
            diagnostics.Add(EngineDiagnostics.MisplacedControl.With(repaired) with { Node = example });
        return result;
    }

    /// <summary>True where data inputs come first and no control input has a port.</summary>
    private static bool IsOrdered(Node node)
    {
        bool hasControl = false;
        foreach (NodeInput input in node.Inputs)
        {
            if (input.IsControl ? input.Text.Contains(':') : hasControl)
                return false;
            hasControl |= input.IsControl;
        }
        return true;
    }
}
