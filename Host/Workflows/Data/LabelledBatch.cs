using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Some images with their classes.</summary>
/// <param name="Labels">The class of each image.</param>
/// <param name="Images">The images as an input takes them, along the first dimension.</param>
public sealed record LabelledBatch(int[] Labels, Tensor Images)
{
    /// <summary>Batches in a row as one.</summary>
    /// <exception cref="FeedException">The images differ in shape.</exception>
    internal static LabelledBatch Join(IReadOnlyList<LabelledBatch> batches)
    {
        if (batches is [var only])
            return only;
        Tensor first = batches[0].Images;
        if (batches.FirstOrDefault(batch => !batch.Images.Shape.Dimensions.Skip(1).SequenceEqual(first.Shape.Dimensions.Skip(1))) is { } other)
            throw new FeedException($"images of shape {first.Shape} and {other.Images.Shape} are no batch") { IsOfLabelledImages = true, Suggestion = "Behind the path ?size=HEIGHTxWIDTH makes them alike." };
        int[] labels = [.. batches.SelectMany(batch => batch.Labels)];
        byte[] bytes = new byte[batches.Sum(batch => (long)batch.Images.Bytes.Length)];
        int at = 0;
        foreach (LabelledBatch batch in batches)
        {
            batch.Images.Bytes.CopyTo(bytes.AsMemory(at));
            at += batch.Images.Bytes.Length;
        }
        return new(labels, Tensor.FromContent(first.Type, TensorShape.Of([labels.Length, .. first.Shape.Dimensions.Skip(1)]), bytes));
    }
}
