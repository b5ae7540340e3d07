using System.Globalization;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Operators;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite;

/// <summary>Mutated files are read or refused cleanly, never anything else. TFLITE_FUZZ sets how many; the mutations follow from their number.</summary>
public sealed class FuzzTests
{
    private const int DefaultCount = 3000;
    private const int LargestFile = 6000;

    [Fact]
    public void Mutated_files_are_read_or_refused()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("TFLITE_FUZZ") ?? DefaultCount.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        byte[][] files = [.. PackedOracle.Models().Where(file => file.Length <= LargestFile)];
        Assert.NotEmpty(files);
        var failures = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = Mutate(files[i % files.Length], new Random(i));
            try
            {
                GraphReader.Read(ModelDecoder.Decode(bytes, CancellationToken.None), OperatorConverters.Read, ModelReadOptions.Default, CancellationToken.None);
            }
            catch (ModelFormatException)
            {
            }
            catch (Exception error)
            {
                failures.TryAdd(error.StackTrace!.Split('\n')[0], $"mutation {i}: {error}");
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures.Values));
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        byte[] bytes = [.. file];
        if (random.Next(8) == 0)
            Array.Resize(ref bytes, random.Next(8, bytes.Length));
        int changes = random.Next(1, 6);
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(bytes.Length);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    Word(bytes, at, random.Next(4) switch { 0 => 0, 1 => -1, 2 => int.MaxValue, _ => random.Next(bytes.Length) });
                    break;
                case 3:
                    Word(bytes, at & ~3, random.Next(-3, 40));
                    break;
                default:
                    bytes.AsSpan(random.Next(bytes.Length - 4), 4).CopyTo(bytes.AsSpan(Math.Min(at, bytes.Length - 4)));
                    break;
            }
        }
        return bytes;
    }

    private static void Word(byte[] bytes, int at, int value)
    {
        if (at + 4 <= bytes.Length)
            BitConverter.TryWriteBytes(bytes.AsSpan(at), value);
    }
}
