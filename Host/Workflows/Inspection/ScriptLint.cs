using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Dsl.Binding;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Inspection;

/// <summary>Finds what is wrong or pointless in a script without running it.</summary>
public static class ScriptLint
{
    /// <summary>Unknown transforms, wrong arguments, an order that leaves work undone, and names that a graph lacks.</summary>
    /// <param name="script">The script.</param>
    /// <param name="catalog">The plugins.</param>
    /// <param name="graph">The graph that it is for, or null.</param>
    public static IReadOnlyList<Diagnostic> Find(Script script, PluginCatalog catalog, Graph? graph) =>
        [.. script.Calls.SelectMany(call => CallProblems(call, catalog)), .. OrderProblems(script), .. graph is null ? [] : GraphProblems(script, graph)];

    private static IEnumerable<Diagnostic> CallProblems(TransformCall call, PluginCatalog catalog)
    {
        if (catalog.Find(call.Plugin, call.Name) is not { } transform)
        {
            string? nearest = Suggestions.Nearest(call.Name, catalog.Names);
            return [EngineDiagnostics.UnknownTransform.With(call.QualifiedName) with { Span = call.NameSpan, Suggestion = nearest is null ? null : $"Did you mean '{nearest}'?" }];
        }
        var flag = IgnoreErrors.Read(call).Error;
        var bound = OptionsBinder.Bind(call, catalog.Create(transform).OptionsType, ignoreUnknown: false).Diagnostics;
        return flag is null ? bound : [flag, .. bound];
    }

    private static IEnumerable<Diagnostic> OrderProblems(Script script)
    {
        for (int i = 1; i < script.Calls.Length; i++)
        {
            if (script.Calls[i].Equals(script.Calls[i - 1]) && script.Calls[i].Name is not ("fold_batch_norms" or "fold_old_batch_norms" or "flatten_atrous_conv"))
                yield return WorkflowsDiagnostics.RepeatedCall.With(script.Calls[i].Name) with { Span = script.Calls[i].Span };
        }
        int quantizeNodes = IndexOf(script, "quantize_nodes");
        int quantizeWeights = IndexOf(script, "quantize_weights");
        if (quantizeNodes >= 0 && quantizeWeights > quantizeNodes)
            yield return WorkflowsDiagnostics.WeightsAfterNodes.With() with { Span = script.Calls[quantizeWeights].Span, Suggestion = "Put it before quantize_nodes." };
        int defaults = IndexOf(script, "add_default_attributes");
        if (quantizeNodes >= 0 && (defaults < 0 || defaults > quantizeNodes))
            yield return WorkflowsDiagnostics.DefaultsMissing.With() with { Span = script.Calls[quantizeNodes].Span, Suggestion = "Begin with add_default_attributes." };
    }

    private static IEnumerable<Diagnostic> GraphProblems(Script script, Graph graph)
    {
        var ops = graph.Nodes.Select(node => node.Op).ToHashSet(StringComparer.Ordinal);
        foreach (TransformCall call in script.Calls)
        {
            foreach (Argument argument in call.Arguments)
            {
                bool isNode = argument.Name is "name" or "old_node_name" or "exclude_node";
                bool isOp = argument.Name is "op" or "op_name" or "old_op_name" or "exclude_op" && argument.Value != "*";
                if (isNode && !graph.TryFind(argument.Value, out _))
                    yield return Missing("node", argument, graph.Nodes.Select(node => node.Name));
                else if (isOp && !argument.Value.Split('|').Any(ops.Contains))
                    yield return Missing("op", argument, ops);
            }
        }
    }

    private static Diagnostic Missing(string what, Argument argument, IEnumerable<string> names)
    {
        string? nearest = Suggestions.Nearest(argument.Value, names);
        return WorkflowsDiagnostics.UnusedName.With(what, argument.Value) with { Span = argument.ValueSpan, Suggestion = nearest is null ? null : $"Did you mean '{nearest}'?" };
    }

    private static int IndexOf(Script script, string name)
    {
        for (int i = 0; i < script.Calls.Length; i++)
        {
            if (script.Calls[i].Name == name)
                return i;
        }
        return -1;
    }
}
