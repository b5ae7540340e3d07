using System.Collections.Immutable;
using TransformFramework.ModelFiles;

namespace TransformFramework.SavedModel.Reading;

/// <summary>Chooses the signature that a graph is frozen for.</summary>
internal static class SignatureChoice
{
    /// <summary>Name of the signature that names the op which initializes the model.</summary>
    public const string InitOp = "__saved_model_init_op";

    private const string TrainOp = "__saved_model_train_op";
    private const string Default = "serving_default";

    /// <summary>Signatures that can be called.</summary>
    public static ImmutableArray<StoredSignature> Callable(MetaGraph graph) => graph.Signatures.RemoveAll(signature => signature.Name is InitOp or TrainOp || signature.Outputs.IsEmpty);

    /// <summary>The signature of a name; without one <c>serving_default</c>, else the only one. Null when there is none and outputs are given.</summary>
    /// <exception cref="ModelFormatException">There is no such signature, or there are several and none is the default.</exception>
    public static StoredSignature? Choose(MetaGraph graph, ModelReadOptions options, string file)
    {
        var signatures = Callable(graph);
        string names = string.Join(", ", signatures.Select(signature => $"'{signature.Name}'"));
        if (options.Signature is { } name)
        {
            return signatures.FirstOrDefault(signature => signature.Name == name)
                ?? throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Signature, signatures.IsEmpty ? $"'{file}' has no signature '{name}', and no other" : $"'{file}' has no signature '{name}'; it has {names}", "Name one of them with --signature.");
        }
        if (signatures.FirstOrDefault(signature => signature.Name == Default) is { } standard)
            return standard;
        if (signatures.Length == 1)
            return signatures[0];
        if (!options.Outputs.IsEmpty)
            return null;
        throw signatures.IsEmpty
            ? SavedModelDiagnostics.Error(SavedModelDiagnostics.Signature, $"'{file}' has no signature that can be called; its functions were saved for Python only", "Save the model with signatures (tf.saved_model.save(model, path, signatures=…)), or name the outputs with --outputs.")
            : SavedModelDiagnostics.Error(SavedModelDiagnostics.Signature, $"'{file}' has several signatures: {names}", "Name one of them with --signature.");
    }
}
