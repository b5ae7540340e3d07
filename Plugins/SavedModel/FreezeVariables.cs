using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.SavedModel.Freezing;
using TransformFramework.Toolkit.Checkpoints;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Transforms;

namespace TransformFramework.SavedModel;

/// <summary>
/// Puts constants in place of variables, from a checkpoint or from the constants that they are initialized with, and keeps what the outputs need.
/// <code>
/// v = VarHandleOp() {dtype=float}      v = Const() {dtype=float}
/// r = ReadVariableOp(v)            →   r = Identity(v)
/// y = MatMul(x, r)                     y = MatMul(x, r)
/// </code>
/// Which tensor of the checkpoint belongs to a variable is read from the nodes that restore it (Assign or AssignVariableOp of a RestoreV2, slices included), else it is the one of its name. Handles are
/// followed into functions at every depth. A variable that is assigned on the way to the outputs is an error that names it; an assignment that no output needs is dropped with a warning.
/// </summary>
[Transform("freeze_variables", Summary = "Puts constants in place of variables.")]
public sealed class FreezeVariables : Transform<FreezeVariables.Options>
{
    public sealed record Options
    {
        [Option("input_checkpoint", "Checkpoint with the values: path of its files without .index and .data-…; without it, initial constants count.", DefaultText = "")]
        public string InputCheckpoint { get; init; } = "";
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        if (context.OutputNames.IsEmpty)
            throw new TransformException(StatusKind.InvalidArgument, "freeze_variables keeps what the outputs need, and none are given") { DiagnosticId = SavedModelDiagnostics.Signature.Id, Suggestion = "Name them with --outputs." };
        try
        {
            using var source = new StreamedSource(options.InputCheckpoint, context.OpenFile);
            var values = new CheckpointValues(graph, options.InputCheckpoint.Length > 0 ? Checkpoint.Open(source, options.InputCheckpoint, context.Cancellation) : null, context.Cancellation);
            var (frozen, diagnostics) = VariableFreezing.Freeze(graph, context.OutputNames, values.Of, context.Cancellation);
            foreach (Diagnostic diagnostic in diagnostics)
                context.Report(diagnostic);
            context.Count("variables frozen", graph.Nodes.Count(node => VariableOps.IsVariable(node) && frozen.Find(node.Name) is { Op: "Const" }));
            return WithInputs(frozen, graph, context.InputNames);
        }
        catch (ModelFormatException error)
        {
            throw new TransformException(StatusKind.FailedPrecondition, error.Message, inner: error) { DiagnosticId = error.DiagnosticId, Suggestion = error.Suggestion };
        }
    }

    /// <summary>Inputs of the run stay, also those that no output needs.</summary>
    private static Graph WithInputs(Graph frozen, Graph graph, ImmutableArray<string> inputs)
    {
        Node[] missing = [.. inputs.Select(input => graph.Find(new NodeInput(input).Node)).OfType<Node>().Where(node => node.Inputs.IsEmpty && frozen.Find(node.Name) is null).DistinctBy(node => node.Name)];
        return missing.Length == 0 ? frozen : frozen.WithNodes([.. missing, .. frozen.Nodes]);
    }

    /// <summary>Values of variables: restored, or of their name, or initial.</summary>
    private sealed class CheckpointValues(Graph graph, Checkpoint? checkpoint, CancellationToken cancellation)
    {
        private readonly Lazy<EffectGraph> assigning = new(() => EffectGraph.Of(graph, Assigning(graph), cancellation));
        private RestoreMap? restored;

        public Tensor Of(Variable variable)
        {
            restored ??= new(assigning.Value);
            if (checkpoint is null)
                return Initial(variable) ?? throw SavedModelDiagnostics.Error(SavedModelDiagnostics.NoValue, $"the variable '{variable.Name}' has no value: no checkpoint is given, and it is not initialized with a constant", "Name the checkpoint with input_checkpoint.");
            if (restored.Find(variable) is { } place)
                return place.ReadFrom(checkpoint);
            return checkpoint.Contains(variable.Name) ? checkpoint.Read(variable.Name, slice: null) : Initial(variable) ?? throw SavedModelDiagnostics.Error(SavedModelDiagnostics.NoValue, $"the variable '{variable.Name}' has no value in the checkpoint '{checkpoint.Prefix}'", "Use the checkpoint that was saved with this graph.");
        }

        private Tensor? Initial(Variable variable)
        {
            foreach (Node node in assigning.Value.Graph.Nodes.Where(node => node.Op is "Assign" or "AssignVariableOp"))
            {
                NodeInput[] inputs = [.. node.DataInputs];
                if (inputs.Length > 1 && assigning.Value.Target(inputs[0])?.Name == variable.Node.Name && assigning.Value.Origin(inputs[1])?.Node is { Op: "Const" } value)
                    return value.TensorAttribute("value");
            }
            return null;
        }

        /// <summary>Nodes that assign variables, and calls of functions that restore some.</summary>
        private static IEnumerable<string> Assigning(Graph graph)
        {
            var restoring = new HashSet<string>(StringComparer.Ordinal);
            int before = -1;
            while (restoring.Count > before)
            {
                before = restoring.Count;
                foreach (FunctionDefinition function in graph.Functions.Functions)
                {
                    if (function.Nodes.Any(node => node.Op == "RestoreV2" || CallSite.Mentioned(node).Any(restoring.Contains)))
                        restoring.Add(function.Signature.Name);
                }
            }
            return graph.Nodes.Where(node => node.Op is "Assign" or "AssignVariableOp" || CallSite.Mentioned(node).Any(restoring.Contains)).Select(node => node.Name);
        }
    }
}
