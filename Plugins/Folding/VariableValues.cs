using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit;
using TransformFramework.Toolkit.Checkpoints;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>
/// Values of variables from a checkpoint, as sparsify_gather finds them: the node <c>save/Assign…</c> that writes the variable reads a RestoreV2, whose list of names holds the variable's, without
/// <c>/part_…</c>, and whose list of slices says at the same place which part of it the variable is.
/// </summary>
internal sealed class VariableValues : IDisposable
{
    private readonly Graph graph;
    private readonly StreamedSource files;
    private readonly Checkpoint? values;

    /// <param name="graph">The graph that restores the variables.</param>
    /// <param name="checkpoint">Path of the checkpoint's files without their endings; empty for none.</param>
    /// <param name="context">Opens the files.</param>
    /// <exception cref="TransformException">The checkpoint cannot be read.</exception>
    public VariableValues(Graph graph, string checkpoint, TransformContext context)
    {
        this.graph = graph;
        files = new(checkpoint, context.OpenFile);
        values = checkpoint.Length > 0 ? Reading(() => Checkpoint.Open(files, checkpoint, context.Cancellation)) : null;
    }

    /// <summary>True when there is a checkpoint.</summary>
    public bool AreKnown => values is not null;

    /// <summary>The value of a variable.</summary>
    /// <exception cref="TransformException">Internal: nothing restores the variable. Unimplemented: there is no checkpoint. Others as the checkpoint's.</exception>
    public Tensor Of(Node variable)
    {
        if (values is null)
        {
            throw new TransformException(StatusKind.Unimplemented, $"the weights are in the variable '{variable.Name}', and no checkpoint is given", variable.Name)
            {
                Suggestion = "Name the checkpoint with input_checkpoint, or freeze the graph first, so that its variables are constants.",
            };
        }
        string key = KeyOf(variable.Name);
        return Reading(() => values.Read(key, TensorSlice.Parse(SliceOf(variable, key))));
    }

    private static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ModelFormatException error)
        {
            throw new TransformException(KindOf(error.DiagnosticId), error.Message, inner: error) { Suggestion = error.Suggestion };
        }
    }

    private static StatusKind KindOf(string id) =>
        id == ToolkitDiagnostics.MissingTensor.Id ? StatusKind.NotFound
        : id == ToolkitDiagnostics.MissingPart.Id ? StatusKind.OutOfRange
        : id == ToolkitDiagnostics.UnsupportedTensor.Id ? StatusKind.Unimplemented
        : id == ToolkitDiagnostics.MalformedSlice.Id ? StatusKind.InvalidArgument
        : StatusKind.FailedPrecondition;

    public void Dispose() => files.Dispose();

    private string SliceOf(Node variable, string key)
    {
        Node? assign = graph.Nodes.FirstOrDefault(node => IsRestoring(node) && node.Inputs.Length > 1 && node.Inputs[0].Text == variable.Name);
        Node? restore = assign is null ? null : graph.Find(assign.Inputs[1].Node);
        if (restore is not { Op: "RestoreV2" } || restore.Inputs.Length < 3)
            throw new TransformException(StatusKind.Internal, $"Unable to find RestoreV2 entry for variable: {variable.Name}", variable.Name);
        int place = Array.IndexOf(Texts(restore.Inputs[1]), key);
        string[] slices = Texts(restore.Inputs[2]);
        return place >= 0 && place < slices.Length ? slices[place] : throw new TransformException(StatusKind.Internal, $"Unable to find RestoreV2 entry for variable: {variable.Name}", variable.Name);
    }

    private static bool IsRestoring(Node node) => node.Name.Split('/') is [var scope, var name] && scope.StartsWith("save", StringComparison.Ordinal) && name.StartsWith("Assign", StringComparison.Ordinal);

    private string[] Texts(NodeInput list) => graph.Find(list.Node)?.ConstantValue() is { Type: DataType.String } tensor
        ? [.. tensor.Strings.Select(text => System.Text.Encoding.UTF8.GetString(text.Span))]
        : [];

    private static string KeyOf(string variable)
    {
        int last = variable.LastIndexOf('/');
        return last > 0 && variable.AsSpan(last + 1).StartsWith("part_", StringComparison.Ordinal) ? variable[..last] : variable;
    }
}
