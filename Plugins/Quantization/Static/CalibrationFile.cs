using TransformFramework.Diagnostics;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>Opens the file of ranges that an option names.</summary>
internal static class CalibrationFile
{
    /// <exception cref="TransformException">The file cannot be opened, or holds something else.</exception>
    public static RangeFile Read(string path, TransformContext context)
    {
        using Stream stream = context.OpenFile(path);
        try
        {
            return RangeFile.Read(stream);
        }
        catch (InvalidDataException error)
        {
            throw new TransformException(StatusKind.InvalidArgument, $"'{path}' is {error.Message}", inner: error) { Suggestion = "'transform_graph calibrate' writes such files." };
        }
    }
}
