using System.Globalization;
using System.Text;
using TransformFramework.Keras.Layers;
using TransformFramework.Keras.Operators;

namespace TransformFramework.Keras.Tests;

/// <summary>The page of the format says what the registries and the manifest hold.</summary>
public sealed class PageTests
{
    private static readonly string[] Versions = ["1.15", "2.12", "2.15", "3.0", "3.15"];

    [Fact]
    public void The_page_is_current() => GeneratedPage.Check("docs/formats/keras.md", Page());

    private static string Page()
    {
        ManifestEntry[] manifest = [.. ManifestEntry.Read().Values];
        var read = manifest.SelectMany(entry => entry.Classes).SelectMany(entry => entry.Value.SelectMany(name => entry.Key.Split(' ').Select(version => (name, version)))).ToLookup(pair => pair.name, pair => pair.version, StringComparer.Ordinal);
        var page = new StringBuilder("""
            # Keras files

            Reads models that `model.save` wrote: `.h5` of Keras 1 to 3 and `.keras` of Keras 2.12 to 3, recognized by their content. `UPDATE_PAGES=1 dotnet test Tests/Keras` makes this page from the registries of layers and operators and from the manifest of the conformance test.

            * The graph is the one that TensorFlow freezes in inference mode: `model/layer/op` names, BatchNormalization as FusedBatchNormV3, recurrent layers as While loops over tensor lists, weights as constants where TensorFlow has the variable's read.
            * Public names are those of the input layers and of the layers that give the outputs. Keras 3 calls an input that the program did not name `keras_tensor`; a Sequential of Keras 1 and 2 has `LAYER_input`.
            * Dropout, noise and augmentation are the identity. Masks of Masking and Embedding go through the layers that pass them on.
            * Versions say which files of the conformance test hold the class and give the outputs of Keras to 1e-5. A layer without a mark is read by its documentation.

            ## Refused

            * Files with weights only: save the whole model.
            * Lambda layers and custom classes: their code is Python. Export a SavedModel (`model.export`) and read that.
            * Subclassed models, which have no configuration of what they compute: export a SavedModel.
            * Quantized weights (`int8`, `float8`), LoRA weights, sparse and ragged answers, vocabularies in files beside the model, einsum operators of Keras 2, of which the file lost the operands.

            ## Layers


            """);
        AppendTable(page, "layer", LayerRegistry.Classes, read);
        page.Append("\n## Operators\n\nFunctions called between layers: operators of Keras 3, functions of TensorFlow in Keras 2.\n\n");
        AppendTable(page, "operator", OperatorRegistry.Names, read);
        string[] pending = [.. manifest.Where(entry => entry.Result == "pending").Select(entry => $"* `{entry.Case}`: {entry.Reason}.\n").Order(StringComparer.Ordinal)];
        page.Append("\n## Pending\n\n").AppendJoin("", pending.Length == 0 ? ["Nothing.\n"] : pending);
        return page.ToString();
    }

    private static void AppendTable(StringBuilder page, string heading, IEnumerable<string> names, ILookup<string, string> read)
    {
        page.Append(CultureInfo.InvariantCulture, $"| {heading} | {string.Join(" | ", Versions)} |\n|---|{string.Concat(Versions.Select(_ => "---|"))}\n");
        foreach (string name in names)
            page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {string.Join(" | ", Versions.Select(version => read[name].Contains(version) ? "✓" : ""))} |\n");
    }
}
