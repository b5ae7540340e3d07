using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>A few images of the digits example.</summary>
internal static class DigitImages
{
    /// <summary>Writes the first images of the calibration's as the array <c>images</c> of an archive.</summary>
    public static void Write(string path, int count)
    {
        using FileStream stream = File.OpenRead(Repository.PathOf("examples/01-digits/digits_calibration.npz"));
        Tensor images = NpzFile.Read(stream)["images"];
        int row = images.Bytes.Length / (int)images.Shape[0];
        using FileStream few = File.Create(path);
        NpzFile.Write(few, [new("images", Tensor.FromContent(images.Type, TensorShape.Of([count, .. images.Shape.Dimensions.Skip(1)]), images.Bytes[..(count * row)]))]);
    }
}
