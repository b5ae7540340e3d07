using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.ControlFlow;

/// <summary>
/// Writes loops of Enter, Merge, Switch, NextIteration and Exit as While nodes that call a condition and a body, inner loops first.
/// <code>
/// e = Enter(x) {frame_name=f}
/// m = Merge(e, n)                      f = While(x) {cond=@f_cond, body=@f_body}
/// s = Switch(m, c)                 →   y = Identity(f)
/// n = NextIteration(body of s:1)
/// y = Exit(s)
/// </code>
/// A frame is raised when each loop variable goes through one Merge and one Switch, all switches by one LoopCond, the body reads values behind the switches only, and no control input crosses the
/// frame; any other is left as it is, with the reason in --explain. Exits become Identity nodes of their names.
/// </summary>
[Transform("raise_control_flow", Summary = "Writes loops of Enter, Switch and Exit as While nodes.")]
public sealed class RaiseControlFlow : Transform
{
    /// <summary>The first release that has StatelessWhile.</summary>
    private const string StatelessLoops = "tf1.11";

    protected override Graph Apply(Graph graph, TransformContext context)
    {
        var declined = new HashSet<string>(StringComparer.Ordinal);
        while (LoopFrameShape.Innermost(graph, declined) is { } frame)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (frame.Decline(context) is { } reason)
            {
                declined.Add(frame.Name);
                context.Explain(frame.Enters[0].Name, $"the loop '{frame.Name}' is left as it is: {reason}");
                context.Count("loops left");
                continue;
            }
            graph = new LoopRaising(graph, frame).Apply();
            context.Count("loops raised");
            context.WrittenFor = StatelessLoops;
        }
        return graph;
    }
}
