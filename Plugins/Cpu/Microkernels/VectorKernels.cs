namespace TransformFramework.Cpu.Microkernels;

/// <summary>Work along channels or elements that kernels do by whole vectors.</summary>
internal interface IVectorWork
{
    /// <summary>Channels or elements.</summary>
    nint Length { get; }

    /// <summary>Leaves out the first channels or elements.</summary>
    void Skip(nint count);
}

/// <summary>
/// Kernels compiled for one instruction set, by number. Each takes its work and how much of it to do, whole vectors. They stand as pointers, since the compiler of published programs finds these, not
/// virtual methods of generic classes.
/// </summary>
/// <param name="width">Elements of a vector.</param>
/// <param name="kernels">A <c>delegate*&lt;TWork*, nint, void&gt;</c> for each number.</param>
/// <param name="narrower">Makes the set that does what does not fill a vector; null for vectors of one element.</param>
internal sealed unsafe class VectorKernels(int width, nint[] kernels, Func<VectorKernels>? narrower)
{
    private readonly nint[] kernels = kernels;
    private readonly Lazy<VectorKernels>? narrower = narrower is null ? null : new(narrower);

    /// <summary>Elements of a vector.</summary>
    public int Width { get; } = width;

    /// <summary>Does the work: whole vectors by this set, the rest by narrower ones.</summary>
    public void Run<TWork>(int kernel, TWork* work)
        where TWork : unmanaged, IVectorWork
    {
        nint length = work->Length;
        nint whole = Whole(length);
        if (whole > 0)
            ((delegate*<TWork*, nint, void>)kernels[kernel])(work, whole);
        if (whole == length)
            return;
        TWork rest = *work;
        rest.Skip(whole);
        narrower!.Value.Run(kernel, &rest);
    }

    /// <summary>Does work that gathers a result in itself.</summary>
    /// <returns>The work after its last part.</returns>
    public TWork Gather<TWork>(int kernel, TWork work)
        where TWork : unmanaged, IVectorWork
    {
        nint whole = Whole(work.Length);
        if (whole > 0)
        {
            ((delegate*<TWork*, nint, void>)kernels[kernel])(&work, whole);
            work.Skip(whole);
        }
        return work.Length == 0 ? work : narrower!.Value.Gather(kernel, work);
    }

    /// <summary>Does work whose elements may be done twice: the last vector may overlap the one before.</summary>
    public void RunOverlapping<TWork>(int kernel, TWork work)
        where TWork : unmanaged, IVectorWork
    {
        nint whole = Whole(work.Length);
        if (whole == 0)
        {
            Run(kernel, &work);
            return;
        }
        var run = (delegate*<TWork*, nint, void>)kernels[kernel];
        run(&work, whole);
        if (whole == work.Length)
            return;
        work.Skip(work.Length - Width);
        run(&work, Width);
    }

    /// <summary>As much of a length as fills vectors, whose width is a power of two.</summary>
    public nint Whole(nint length) => length & -Width;
}
