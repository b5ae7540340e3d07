using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Weights;

/// <summary>Numbers of which one belongs to each channel of an activation: a constant that broadcasts over it, or a plain vector.</summary>
/// <param name="Values">The numbers, in order.</param>
/// <param name="Shape">The constant's shape, or null for a vector that goes along the channels whatever the layout.</param>
public sealed record ChannelVector(float[] Values, TensorShape? Shape)
{
    public static ChannelVector Broadcast(Tensor constant) => new(constant.AsSpan<float>().ToArray(), constant.Shape);

    public static ChannelVector Plain(Tensor constant) => new(constant.AsSpan<float>().ToArray(), null);

    /// <summary>One number for each channel; null when the numbers do not go along the channels.</summary>
    public float[]? Along(ChannelLayout layout, int channels)
    {
        if (Shape is null)
            return Values.Length == channels ? Values : null;
        if (Values.Length == 1 && Shape.Rank <= layout.Rank)
            return [.. Enumerable.Repeat(Values[0], channels)];
        int axis = Shape.Rank - (layout.Rank - layout.Axis);
        bool isAlong = Shape.Rank <= layout.Rank && axis >= 0 && Values.Length == channels && Shape[axis] == channels;
        return isAlong ? Values : null;
    }
}

/// <summary>Rank of an activation and which of its dimensions are the channels.</summary>
public readonly record struct ChannelLayout(int Rank, int Axis)
{
    public bool IsChannelsLast => Axis == Rank - 1;

    /// <summary>The shape in which one number a channel broadcasts over the activation.</summary>
    public TensorShape BroadcastShape(int channels) => TensorShape.Of([channels, .. Enumerable.Repeat(1L, Rank - 1 - Axis)]);
}
