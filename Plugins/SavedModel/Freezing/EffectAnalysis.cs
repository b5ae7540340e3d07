using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.SavedModel.Freezing;

/// <summary>Drops control inputs that order nothing: those on nodes that neither have an effect, nor wait for one, nor belong to a branch or a loop.</summary>
internal sealed class EffectAnalysis
{
    private static readonly HashSet<string> Effects = new(StringComparer.Ordinal) { "Print", "StackPush", "StackPushV2", "StackPop", "StackPopV2", "Abort", "PyFunc", "PyFuncStateless", "EagerPyFunc" };

    private static readonly HashSet<string> ControlFlow = new(StringComparer.Ordinal)
    {
        "Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond", "RefSwitch", "RefMerge", "RefEnter", "RefExit", "RefNextIteration", "ControlTrigger",
    };

    private static readonly string[] Initializers = ["InitializeTable", "LookupTableImport"];

    private readonly FunctionIndex functions;
    private readonly Dictionary<string, bool> functionEffects = new(StringComparer.Ordinal);

    private EffectAnalysis(FunctionIndex functions) => this.functions = functions;

    /// <summary>The graph without control inputs that order nothing, and without what only they kept.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kept">Nodes that stay: inputs and outputs.</param>
    public static Graph Apply(Graph graph, IEnumerable<string> kept)
    {
        var analysis = new EffectAnalysis(new(graph.Functions));
        var matters = analysis.Mattering(graph);
        matters.UnionWith(graph.Nodes.Where(IsInitializer).Select(node => node.Name));
        Graph ordered = graph.Select(node => node.Inputs.Any(input => input.IsControl && !matters.Contains(input.Node)) ? node with { Inputs = node.Inputs.RemoveAll(input => input.IsControl && !matters.Contains(input.Node)) } : node);
        return ordered.NeededBy(kept);
    }

    private HashSet<string> Mattering(Graph graph) =>
        graph.Downstream(graph.Nodes.Where(node => ControlFlow.Contains(node.Op) || (HasEffect(node) && !IsInitializer(node))));

    /// <summary>What fills a table is waited for by the nodes that look up, and by no other.</summary>
    private static bool IsInitializer(Node node) => Array.Exists(Initializers, prefix => node.Op.StartsWith(prefix, StringComparison.Ordinal));

    private bool HasEffect(Node node)
    {
        if (CallSite.Of(node, functions) is { } site)
            return site.Functions.Any(function => HasEffect(function.Name));
        if (Effects.Contains(node.Op))
            return true;
        if (node.Op is "NoOp" or "Const" or "_Arg")
            return false;
        return functions.Definition(node.Op) is not { } definition || definition.Outputs.IsEmpty;
    }

    private bool HasEffect(string function)
    {
        if (functionEffects.TryGetValue(function, out bool known))
            return known;
        var reached = new HashSet<string>(StringComparer.Ordinal) { function };
        var pending = new Queue<string>(reached);
        bool found = false;
        while (!found && pending.TryDequeue(out string? name))
        {
            foreach (Node node in functions.Find(name)?.Nodes ?? [])
            {
                if (CallSite.Of(node, functions) is not { } site)
                    found |= HasEffect(node);
                else
                    site.Functions.Where(called => reached.Add(called.Name)).ToList().ForEach(called => pending.Enqueue(called.Name));
            }
        }
        functionEffects[function] = found;
        return found;
    }
}
