#include "cuda.h"

extern const GtPhilox gt_philox_cuda;
extern const GtSinkhorn gt_sinkhorn_float_cuda, gt_sinkhorn_double_cuda;

const GtCudaTables* gt_cuda_tables() {
    static const GtCudaTables tables = {&gt_philox_cuda,
                                        {nullptr, nullptr},
                                        {nullptr, nullptr},
                                        {&gt_sinkhorn_float_cuda, &gt_sinkhorn_double_cuda}};
    return &tables;
}
