using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Requantize;

/// <summary>Rows of output[r, c] = sum[r, c] + rowTerm[r] + columnTerm[c], modulo 2³², and the range of each column so far.</summary>
internal unsafe struct ZeroPointCompensationRows : IVectorWork
{
    public int* Accumulators;

    public nint AccumulatorStride;

    public int* RowTerms;

    public int* ColumnTerms;

    public int* Output;

    public nint OutputStride;

    /// <summary>The least of each column so far.</summary>
    public int* Least;

    /// <summary>The greatest of each column so far.</summary>
    public int* Greatest;

    public nint Rows;

    public nint Columns;

    public readonly nint Length => Columns;

    public void Skip(nint columns)
    {
        Accumulators += columns;
        ColumnTerms += columns;
        Output += columns;
        Least += columns;
        Greatest += columns;
        Columns -= columns;
    }
}

/// <summary>What zero points add to products of quantized values.</summary>
internal static unsafe class ZeroPointCompensationKernel<TIsa, TFloats, TConversions, TAccumulators>
    where TIsa : struct, IFloatIsa<TFloats>
    where TFloats : struct
    where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
{
    public static void Run(ZeroPointCompensationRows* rows, nint columns)
    {
        for (nint c = 0; c < columns; c += TIsa.Lanes)
        {
            TAccumulators columnTerm = TConversions.LoadAccumulators(rows->ColumnTerms + c);
            TAccumulators least = TConversions.LoadAccumulators(rows->Least + c);
            TAccumulators greatest = TConversions.LoadAccumulators(rows->Greatest + c);
            int* accumulators = rows->Accumulators + c;
            int* output = rows->Output + c;
            for (nint r = 0; r < rows->Rows; r++)
            {
                TAccumulators sum = TConversions.Add(TConversions.Add(TConversions.LoadAccumulators(accumulators), columnTerm), TConversions.Broadcast(rows->RowTerms[r]));
                least = TConversions.Min(least, sum);
                greatest = TConversions.Max(greatest, sum);
                TConversions.StoreAccumulators(sum, output);
                accumulators += rows->AccumulatorStride;
                output += rows->OutputStride;
            }
            TConversions.StoreAccumulators(least, rows->Least + c);
            TConversions.StoreAccumulators(greatest, rows->Greatest + c);
        }
    }
}
