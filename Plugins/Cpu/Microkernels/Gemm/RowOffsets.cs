using System.Runtime.CompilerServices;

namespace TransformFramework.Cpu.Microkernels.Gemm;

/// <summary>
/// Where the input rows of a product are: byte offsets for each tile of rows, tap by tap, the rows of a tap side by side. Rows at equal distances need no table.
/// Offsets count from the start of an arena, so that one table serves every run.
/// </summary>
internal sealed unsafe class RowOffsets
{
    private readonly int[]? table;
    private readonly int start;
    private readonly int stride;

    private RowOffsets(int[]? table, int start, int stride, int rows, int taps, int mr)
    {
        this.table = table;
        this.start = start;
        this.stride = stride;
        Rows = rows;
        Taps = taps;
        Mr = mr;
    }

    public int Rows { get; }

    public int Taps { get; }

    /// <summary>Rows of all tiles but the last.</summary>
    public int Mr { get; }

    /// <summary>Offsets of a convolution's rows.</summary>
    /// <param name="shape">The convolution.</param>
    /// <param name="mr">Rows of a tile.</param>
    /// <param name="pixelBytes">Bytes of an input pixel.</param>
    /// <param name="input">Offset of the input.</param>
    /// <param name="zero">Offset of a pixel that represents all that are outside the image.</param>
    public static RowOffsets Of(ConvolutionShape shape, int mr, int pixelBytes, int input, int zero)
    {
        bool wholeRows = shape.WithRowTaps is not null;
        int columnTaps = wholeRows ? 1 : shape.Width.Size;
        int taps = shape.Height.Size * columnTaps;
        if (taps == 1 && shape.Height.Stride == 1 && shape.Width.Stride == 1 && shape.Height.Output == shape.Height.Input && shape.Width.Output == shape.Width.Input)
            return new(null, input, pixelBytes, shape.Rows, 1, mr);
        int[] offsets = GC.AllocateUninitializedArray<int>(checked(shape.Rows * taps), pinned: true);
        int at = 0;
        for (int first = 0; first < shape.Rows; first += mr)
        {
            int count = Math.Min(mr, shape.Rows - first);
            for (int tap = 0; tap < taps; tap++)
            {
                for (int r = 0; r < count; r++)
                    offsets[at++] = Offset(shape, first + r, tap / columnTaps, tap % columnTaps, pixelBytes, input, zero);
            }
        }
        return new(offsets, 0, 0, shape.Rows, taps, mr);
    }

    /// <summary>Bytes from what the offsets of a full tile count from to that of the next, and from the one's offsets to the other's: <see cref="Tile"/> of the first serves for all.</summary>
    public (nint Base, nint Offsets) Steps => table is null ? ((nint)Mr * stride, 0) : (0, (nint)Mr * Taps * sizeof(int));

    /// <summary>The offsets of a tile.</summary>
    /// <param name="row">First row of the tile.</param>
    /// <param name="scratch">Room for one tile's rows.</param>
    public int* Tile(int row, int* scratch)
    {
        if (table is not null)
            return (int*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(table)) + ((nint)row * Taps);
        int count = Math.Min(Mr, Rows - row);
        for (int r = 0; r < count; r++)
            scratch[r] = start + ((row + r) * stride);
        return scratch;
    }

    private static int Offset(ConvolutionShape shape, int row, int tapY, int tapX, int pixelBytes, int input, int zero)
    {
        int image = row / (shape.Height.Output * shape.Width.Output);
        int y = shape.Height.Position(row / shape.Width.Output % shape.Height.Output, tapY);
        int x = shape.Width.Position(row % shape.Width.Output, tapX);
        bool outside = (uint)y >= (uint)shape.Height.Input || (uint)x >= (uint)shape.Width.Input;
        return outside ? zero : checked(input + ((((image * shape.Height.Input) + y) * shape.Width.Input) + x) * pixelBytes);
    }
}
