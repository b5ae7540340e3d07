using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Benchmarks.Photographs;

/// <summary>
/// Makes seeded square crops of photographs for measuring quantization: <c>calibration.npz</c> from nine of them and <c>judging.npz</c> from the others, each with an array <c>images</c> of uint8 [N, 224, 224, 3].
/// The photographs are those of Debian's packages lomiri-wallpapers-16.04 and the nature folder of mate-backgrounds.
/// </summary>
internal static class PhotographCrops
{
    private const int Seed = 23;
    private const int Side = 224;
    private const int Colours = 3;
    private const int CalibrationPhotographs = 9;
    private const int CalibrationCrops = 63;
    private const int JudgingCrops = 512;

    /// <summary>Writes both archives.</summary>
    /// <param name="photographs">The folder in which the photographs are, at any depth.</param>
    /// <param name="target">The folder to write to.</param>
    public static int Run(string photographs, string target)
    {
        string[] files = [.. Directory.EnumerateFiles(photographs, "*.jpg", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/mate/", StringComparison.Ordinal) || file.Contains("/mate/nature/", StringComparison.Ordinal))
            .OrderBy(file => Path.GetFileName(file), StringComparer.Ordinal)];
        if (files.Length <= CalibrationPhotographs)
            throw new FileNotFoundException($"'{photographs}' has {files.Length} photographs; unpack lomiri-wallpapers-16.04 and mate-backgrounds there (dpkg -x)");
        var random = new Random(Seed);
        random.Shuffle(files);
        Directory.CreateDirectory(target);
        Write(Path.Combine(target, "calibration.npz"), files[..CalibrationPhotographs], CalibrationCrops, random);
        Write(Path.Combine(target, "judging.npz"), files[CalibrationPhotographs..], JudgingCrops, random);
        return 0;
    }

    private static void Write(string path, string[] files, int count, Random random)
    {
        Tensor crops = Tensor.Allocate<byte>(DataType.UInt8, TensorShape.Of(count, Side, Side, Colours), out var pixels);
        int size = Side * Side * Colours;
        for (int file = 0; file < files.Length; file++)
        {
            Tensor photograph = ImageFile.Read(files[file], new(), DataType.UInt8, TensorShape.Of(1, -1, -1, Colours));
            for (int crop = file; crop < count; crop += files.Length)
                Crop(photograph, random, pixels.Slice(crop * size, size));
        }
        using FileStream stream = File.Create(path);
        NpzFile.Write(stream, [new("images", crops)]);
        Console.WriteLine($"{count} crops of {files.Length} photographs: {path}");
    }

    /// <summary>A square of any size from 224 to the whole height, each pixel the mean of what is under it.</summary>
    private static void Crop(Tensor photograph, Random random, Span<byte> crop)
    {
        int height = (int)photograph.Shape[1];
        int width = (int)photograph.Shape[2];
        double largest = Math.Min(height, width) / (double)Side;
        double zoom = Math.Pow(largest, random.NextDouble());
        int side = Math.Clamp((int)(Side * zoom), Side, Math.Min(height, width));
        int top = random.Next(height - side + 1);
        int left = random.Next(width - side + 1);
        ReadOnlySpan<byte> pixels = photograph.AsSpan<byte>();
        for (int i = 0; i < crop.Length; i++)
        {
            int colour = i % Colours;
            int column = i / Colours % Side;
            int row = i / Colours / Side;
            crop[i] = Mean(pixels, width, colour, (top + (row * side / Side), top + Math.Max(((row + 1) * side / Side) - 1, row * side / Side)), (left + (column * side / Side), left + Math.Max(((column + 1) * side / Side) - 1, column * side / Side)));
        }
    }

    private static byte Mean(ReadOnlySpan<byte> pixels, int width, int colour, (int First, int Last) rows, (int First, int Last) columns)
    {
        int sum = 0;
        for (int y = rows.First; y <= rows.Last; y++)
        {
            for (int x = columns.First; x <= columns.Last; x++)
                sum += pixels[(((y * width) + x) * Colours) + colour];
        }
        int count = (rows.Last - rows.First + 1) * (columns.Last - columns.First + 1);
        return (byte)((sum + (count / 2)) / count);
    }
}
