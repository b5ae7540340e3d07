using TransformFramework.Cpu.Gemm;

namespace TransformFramework.Cpu.Vectors;

/// <summary>Rows of output[r, c] = sum[r, c] + rowTerm[r] + columnTerm[c], modulo 2³², and the extent of each column so far.</summary>
internal unsafe struct CorrectRows : IVectorWork
{
    public int* Sums;

    public nint SumStride;

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
        Sums += columns;
        ColumnTerms += columns;
        Output += columns;
        Least += columns;
        Greatest += columns;
        Columns -= columns;
    }
}

/// <summary>What zero points add to products of codes.</summary>
internal static unsafe class CorrectKernel<TSet, TFloats, TConversions, TSums>
    where TSet : struct, IFloatSet<TFloats>
    where TFloats : struct
    where TConversions : struct, ICodeConversions<TSums, TFloats>
    where TSums : struct
{
    public static void Run(CorrectRows* rows, nint columns)
    {
        for (nint c = 0; c < columns; c += TSet.Width)
        {
            TSums columnTerm = TConversions.LoadSums(rows->ColumnTerms + c);
            TSums least = TConversions.LoadSums(rows->Least + c);
            TSums greatest = TConversions.LoadSums(rows->Greatest + c);
            int* sums = rows->Sums + c;
            int* output = rows->Output + c;
            for (nint r = 0; r < rows->Rows; r++)
            {
                TSums sum = TConversions.Add(TConversions.Add(TConversions.LoadSums(sums), columnTerm), TConversions.Broadcast(rows->RowTerms[r]));
                least = TConversions.Min(least, sum);
                greatest = TConversions.Max(greatest, sum);
                TConversions.StoreSums(sum, output);
                sums += rows->SumStride;
                output += rows->OutputStride;
            }
            TConversions.StoreSums(least, rows->Least + c);
            TConversions.StoreSums(greatest, rows->Greatest + c);
        }
    }
}
