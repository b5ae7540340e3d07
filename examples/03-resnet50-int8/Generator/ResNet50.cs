using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Generated;

/// <summary>
/// ResNet v1 50 with generated weights: the skeleton holds the graph and its batch norms, the weights are hashed from their names, so that every machine builds the same 102,593,410 bytes.
/// </summary>
internal static class ResNet50
{
    public const string Input = "Placeholder";
    public const string Output = "resnet_v1_50/predictions/Reshape_1";

    /// <summary>Number of test images.</summary>
    public const int Images = 3;

    private const int Size = 224;
    private const int Block = 16;

    private static readonly float[] ChannelMeans = [123.68f, 116.78f, 103.94f];

    /// <summary>The graph with contents for every weight.</summary>
    public static Graph Fill(Graph skeleton) => skeleton.Select(node =>
        node.Op == "Const" && node.Name.EndsWith("weights", StringComparison.Ordinal) && node.TensorAttribute("value") is { } empty
            ? node.With("value", HashedWeights.Of(node.Name, empty.Shape))
            : node);

    /// <summary>A test image, float [1,224,224,3]: blocks of 16×16 pixels, less the means of the channels.</summary>
    public static Tensor Image(int number)
    {
        var colours = new HashedNumbers(string.Create(CultureInfo.InvariantCulture, $"image {number}"));
        Tensor image = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(1, Size, Size, ChannelMeans.Length), out Span<float> pixels);
        for (int i = 0; i < pixels.Length; i++)
        {
            int channel = i % ChannelMeans.Length;
            int x = i / ChannelMeans.Length % Size;
            int y = i / (ChannelMeans.Length * Size);
            int colour = (((y / Block * (Size / Block)) + (x / Block)) * ChannelMeans.Length) + channel;
            pixels[i] = (byte)colours[colour] - ChannelMeans[channel];
        }
        return image;
    }
}
