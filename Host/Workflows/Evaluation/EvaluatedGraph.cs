using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Evaluation;

/// <summary>A compiled classifier and the labelled images as it takes them.</summary>
/// <param name="Executable">The graph; its first output has a row of scores for each image.</param>
/// <param name="Input">The input for images.</param>
/// <param name="Images">The images.</param>
public sealed record EvaluatedGraph(IExecutable Executable, Node Input, LabelledImages Images)
{
    /// <summary>Compiles a model and opens the images for it.</summary>
    /// <param name="backend">Runs the graph.</param>
    /// <param name="endpoints">The model.</param>
    /// <param name="inputName">Name of the images' input; null for the only one.</param>
    /// <param name="outputName">Name of the scores; null for the first output.</param>
    /// <param name="data">What holds the images, see <see cref="LabelledImages"/>.</param>
    /// <param name="batch">Images run at a time.</param>
    /// <param name="print">Receives what Print nodes of the graph write.</param>
    /// <exception cref="EndpointException">The names do not fit the graph.</exception>
    /// <exception cref="FeedException">There are no such images.</exception>
    public static EvaluatedGraph Of(IBackend backend, ModelEndpoints endpoints, string? inputName, string? outputName, string data, int batch, Action<string> print)
    {
        string output = GraphOutputs.Resolve(endpoints, outputName)[0].Tensor;
        Node input = GraphInputs.Resolve(endpoints, inputName);
        FeedArguments.CheckOnly(endpoints.Graph, output, input.Name);
        LabelledImages images = OfImages(() => LabelledImages.Open(endpoints, input, data));
        return new(backend.Compile(endpoints.Graph, [output], new CompileOptions { Feeds = [input.Name], Print = print, Threads = images.Count is { } count && count <= batch ? 0 : 1 }), input, images);
    }

    /// <summary>Whether another graph takes the same tensors for the same images.</summary>
    internal bool TakesImagesOf(EvaluatedGraph other) => GraphInputs.TypeOf(Input) == GraphInputs.TypeOf(other.Input) && GraphInputs.ShapeOf(Input).Equals(GraphInputs.ShapeOf(other.Input));

    /// <summary>Does something with labelled images, of which a failure speaks.</summary>
    internal static T OfImages<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (FeedException error)
        {
            throw new FeedException($"the images: {error.Message}", error) { IsOfLabelledImages = true, Suggestion = error.Suggestion };
        }
    }

    /// <summary>The scores of a batch.</summary>
    internal Tensor Run(Tensor images, CancellationToken cancellation) => Executable.Run(new Dictionary<string, Tensor>(StringComparer.Ordinal) { [Input.Name] = images }, cancellation)[0];

    /// <summary>The scores of each image, in rows.</summary>
    /// <exception cref="FeedException">The output is not a row of scores an image, or a label is none of its classes.</exception>
    internal ScoreRows Rows(Tensor result, int[] labels)
    {
        if (result.ElementCount == 0 || result.ElementCount % labels.Length != 0)
            throw new FeedException($"the output '{Executable.Outputs[0]}' has shape {result.Shape}, not a row of scores for each of {labels.Length} images");
        var rows = new ScoreRows(result.ToSingles(), (int)(result.ElementCount / labels.Length));
        if (labels.AsSpan().ContainsAnyExceptInRange(0, rows.Classes - 1))
            throw new FeedException($"the label {labels.First(label => label < 0 || label >= rows.Classes)} is no class of the output '{Executable.Outputs[0]}', which has {rows.Classes} scores") { Suggestion = $"Labels count from 0 to {rows.Classes - 1}." };
        return rows;
    }
}

/// <summary>Scores of some images.</summary>
/// <param name="Scores">All of them.</param>
/// <param name="Classes">How many an image has.</param>
internal readonly record struct ScoreRows(float[] Scores, int Classes)
{
    /// <summary>The scores of one image.</summary>
    public ReadOnlySpan<float> this[int image] => Scores.AsSpan(image * Classes, Classes);
}
