using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Some pictures with their classes.</summary>
/// <param name="Labels">The class of each picture.</param>
/// <param name="Pictures">The pictures as an input takes them, along the first dimension.</param>
public sealed record LabelledBatch(int[] Labels, Tensor Pictures)
{
    /// <summary>Batches in a row as one.</summary>
    /// <exception cref="FeedException">The pictures differ in shape.</exception>
    internal static LabelledBatch Join(IReadOnlyList<LabelledBatch> batches)
    {
        if (batches is [var only])
            return only;
        Tensor first = batches[0].Pictures;
        if (batches.FirstOrDefault(batch => !batch.Pictures.Shape.Dimensions.Skip(1).SequenceEqual(first.Shape.Dimensions.Skip(1))) is { } other)
            throw new FeedException($"pictures of shape {first.Shape} and {other.Pictures.Shape} are no batch") { IsOfLabelledImages = true, Suggestion = "Behind the path ?size=HEIGHTxWIDTH makes them alike." };
        int[] labels = [.. batches.SelectMany(batch => batch.Labels)];
        byte[] bytes = new byte[batches.Sum(batch => (long)batch.Pictures.Bytes.Length)];
        int at = 0;
        foreach (LabelledBatch batch in batches)
        {
            batch.Pictures.Bytes.CopyTo(bytes.AsMemory(at));
            at += batch.Pictures.Bytes.Length;
        }
        return new(labels, Tensor.FromContent(first.Type, TensorShape.Of([labels.Length, .. first.Shape.Dimensions.Skip(1)]), bytes));
    }
}
