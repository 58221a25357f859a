#include "cuda.h"

extern const GtPhilox gt_philox_cuda;

const GtCudaTables* gt_cuda_tables() {
    static const GtCudaTables tables = {
        &gt_philox_cuda, {nullptr, nullptr}, {nullptr, nullptr}, {nullptr, nullptr}};
    return &tables;
}
